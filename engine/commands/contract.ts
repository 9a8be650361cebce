/** The command `contract`: a folder with `model.json` and `model.onnx` from what nnU-Net or a MONAI bundle has exported. */
import { parseArgs } from "@std/cli";
import { ModelError, UsageError } from "../errors.ts";
import { readExternalFiles, readModel } from "../graph/mod.ts";

/** Reads an export's folder: what its contract says besides the file's input and output, and what differs. */
export type ReadExport = (folder: string, configuration: string) => Promise<{
  readonly contract: {
    readonly input: Readonly<Record<string, unknown>>;
    readonly output: Readonly<Record<string, unknown>>;
    readonly [field: string]: unknown;
  };
  readonly notes: readonly string[];
}>;

const usage =
  "deno task contract EXPORT --onnx FILE [--onnx FILE ...] [--configuration 3d_fullres] [--mirror 0,1,2] --output FOLDER";

/**
 * Runs the command: of several files, the folds of one training, the first is the model and the others are averaged with it.
 * Gives the exit status. Throws a `UsageError` for wrong arguments, a `ModelError` for an export that can't be taken.
 */
export async function contract(
  args: readonly string[],
  readExport: ReadExport,
  write: (line: string) => void = console.log,
): Promise<number> {
  const unknown: string[] = [];
  const options = parseArgs(args, {
    string: ["onnx", "configuration", "mirror", "output"],
    collect: ["onnx"],
    unknown: (argument, key) => {
      if (key === undefined) return true;
      unknown.push(argument);
      return false;
    },
  });
  if (unknown.length > 0) throw new UsageError(`contract has no argument ${unknown.join(" ")}: ${usage}`);
  const { onnx: paths, output: folder } = options as unknown as { onnx: string[]; output?: string };
  if (options._.length !== 1 || paths.length === 0 || paths.includes("") || !folder) {
    throw new UsageError(`contract takes one export, --onnx and --output: ${usage}`);
  }
  const mirrorAxes = mirrorOf(options.mirror as string | undefined);
  const draft = await readExport(String(options._[0]), (options.configuration as string | undefined) ?? "3d_fullres");
  const networks: Network[] = [];
  for (const [at, path] of paths.entries()) {
    networks.push(await readNetwork(path, at === 0 ? "model.onnx" : `model_${at}.onnx`));
  }
  const [{ input: inputName, output: outputName, file, sha256 }, ...folds] = networks;
  const other = folds.find((fold) => fold.input !== inputName || fold.output !== outputName);
  if (other !== undefined) {
    throw new ModelError(
      `Cannot average the files as ${paths[networks.indexOf(other)]} goes from ${other.input} to ${other.output} and ` +
        `${paths[0]} from ${inputName} to ${outputName}: export all folds in the same way`,
    );
  }
  const { input, output, ...rest } = draft.contract;
  const content = {
    schemaVersion: 1,
    ...rest,
    file,
    sha256,
    ...folds.length === 0 ? {} : { folds: folds.map(({ file, sha256 }) => ({ file, sha256 })) },
    input: { name: inputName, channels: 1, ...input, ...mirrorAxes === undefined ? {} : { mirrorAxes } },
    output: { name: outputName, ...output },
  };
  await Deno.mkdir(folder, { recursive: true });
  const files = [
    ["model.json", new TextEncoder().encode(`${JSON.stringify(content, null, 2)}\n`)] as const,
    ...networks.flatMap(({ files }) => [...files]),
  ];
  try {
    for (const [name, bytes] of files) {
      if (name.includes("/")) await Deno.mkdir(`${folder}/${name.replace(/\/[^/]*$/, "")}`, { recursive: true });
      await Deno.writeFile(`${folder}/${name}`, bytes, { createNew: true });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new UsageError(
      `Cannot write to ${folder} as it holds a model, or as files of several folds have one name: choose another --output`,
    );
  }
  for (const note of draft.notes) write(`note: ${note}`);
  write(`${folder}/model.json: use it with --set segment.model=${folder}`);
  return 0;
}

/** A network as it goes into the folder. */
interface Network {
  readonly input: string;
  readonly output: string;
  readonly file: string;
  readonly sha256: string;
  /** The file, and those that hold its elements, by their names there. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

async function readNetwork(path: string, file: string): Promise<Network> {
  const bytes = await Deno.readFile(path).catch((error) => {
    throw new UsageError(`Cannot read ${path} (${error.message}): give the exported network with --onnx`);
  });
  const external = await readExternalFiles(path, bytes);
  const { inputs, outputs } = readModel(bytes, path, external);
  if (inputs.length !== 1 || outputs.length !== 1) {
    throw new ModelError(
      `Cannot take ${path} as it has ${inputs.length} inputs and ${outputs.length} outputs: export it with one of each`,
    );
  }
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  return { input: inputs[0].name, output: outputs[0].name, file, sha256, files: new Map([[file, bytes], ...external]) };
}

function mirrorOf(text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  if (/^[012](,[012])*$/.test(text)) return [...new Set(text.split(",").map(Number))];
  throw new UsageError(`--mirror is ${text}: give axes of the network's input from 0 on, such as 0,1,2`);
}
