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

const usage = "deno task contract EXPORT --onnx FILE [--configuration 3d_fullres] [--mirror 0,1,2] --output FOLDER";

/** Runs the command and gives the exit status. Throws a `UsageError` for wrong arguments, a `ModelError` for an export that can't be taken. */
export async function contract(
  args: readonly string[],
  readExport: ReadExport,
  write: (line: string) => void = console.log,
): Promise<number> {
  const unknown: string[] = [];
  const options = parseArgs(args, {
    string: ["onnx", "configuration", "mirror", "output"],
    unknown: (argument, key) => {
      if (key === undefined) return true;
      unknown.push(argument);
      return false;
    },
  });
  if (unknown.length > 0) throw new UsageError(`contract knows no ${unknown.join(" ")}: ${usage}`);
  const { onnx, output: folder } = options as { onnx?: string; output?: string };
  if (options._.length !== 1 || !onnx || !folder) {
    throw new UsageError(`contract takes one export, --onnx and --output: ${usage}`);
  }
  const mirrorAxes = mirrorOf(options.mirror as string | undefined);
  const draft = await readExport(String(options._[0]), (options.configuration as string | undefined) ?? "3d_fullres");
  const bytes = await Deno.readFile(onnx).catch((error) => {
    throw new UsageError(`Cannot read ${onnx} (${error.message}): give the exported network by --onnx`);
  });
  const external = await readExternalFiles(onnx, bytes);
  const model = readModel(bytes, onnx, external);
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw new ModelError(
      `Cannot take ${onnx} as it has ${model.inputs.length} inputs and ${model.outputs.length} outputs: export it with one of each`,
    );
  }
  const { input, output, ...rest } = draft.contract;
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const content = {
    schemaVersion: 1,
    ...rest,
    file: "model.onnx",
    sha256,
    input: { name: model.inputs[0].name, channels: 1, ...input, ...mirrorAxes === undefined ? {} : { mirrorAxes } },
    output: { name: model.outputs[0].name, ...output },
  };
  await Deno.mkdir(folder, { recursive: true });
  try {
    await Deno.writeTextFile(`${folder}/model.json`, `${JSON.stringify(content, null, 2)}\n`, { createNew: true });
    await Deno.writeFile(`${folder}/model.onnx`, bytes, { createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new UsageError(`Cannot write to ${folder} as it holds a model: choose another --output`);
  }
  for (const note of draft.notes) write(`note: ${note}`);
  write(`${folder}/model.json: use it by --set segment.model=${folder}`);
  return 0;
}

function mirrorOf(text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  if (/^[012](,[012])*$/.test(text)) return [...new Set(text.split(",").map(Number))];
  throw new UsageError(`--mirror is ${text}: give axes of the network's input from 0 on, such as 0,1,2`);
}
