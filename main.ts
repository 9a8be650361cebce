/** The command line. Each command is loaded only when it is run, and the library only by those that need it. */
import { plainText } from "./engine/commands/plain_text.ts";
import type { Json } from "./engine/pipeline/mod.ts";
import { defaultStages, galleryStages, pluginModules, program, shippedModels, warmModels } from "./shipped.ts";

type Command = (args: string[], ...rest: unknown[]) => Promise<number>;

/** A command by its name, from the module of that name. */
async function commandOf(name: string): Promise<Command> {
  return (await import(new URL(`./engine/commands/${name}.ts`, import.meta.url).href))[name];
}

/** The commands by name. Each is loaded only when it is run; it gives the exit status. */
const commands: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  process: async (args) => {
    const demonstration = import.meta.resolve("./plugins/demonstration/study.ts");
    const wiring = { plugins: pluginModules, stages: defaultStages, galleryStages, demonstration };
    return await (await commandOf("process"))(args, wiring);
  },
  doctor: async (args) => await (await commandOf("doctor"))(args),
  inspect: async (args) => await (await commandOf("inspect"))(args, inspectInput),
  contract: async (args) => {
    const { contractOf } = await import("./plugins/segment/exports/mod.ts");
    return await (await commandOf("contract"))(args, contractOf);
  },
  serve: async (args) => {
    const { openService } = await import("./mod.ts");
    return await (await commandOf("serve"))(args, openService, shippedModels);
  },
  work: async (args) => await (await commandOf("work"))(args, program),
  bench: async (args) => await (await commandOf("bench"))(args),
  diff: async (args) => await (await commandOf("diff"))(args, readValue),
};

/** The elements of a file that `diff` is given. */
async function readValue(path: string) {
  if (!path.endsWith(".npy")) return await (await import("./engine/graph/mod.ts")).readTensorFile(path);
  const { decode } = await import("./plugins/formats/mod.ts");
  const { pixels, shape } = await decode(await Deno.readFile(path), path);
  return { dtype: "f32", shape, data: pixels };
}

/** What `inspect` says of an input that is no model. */
async function inspectInput(path: string): Promise<{ lines: string[]; json: Json }> {
  const { inspectInput: look, inspectionJson, inspectionLines } = await import("./plugins/acquire/inspect.ts");
  const { madeFor } = JSON.parse(await Deno.readTextFile(`${shippedModels[warmModels[0]]}/model.json`));
  const cases = await look(path, madeFor);
  return { lines: inspectionLines(path, cases).map(plainText), json: inspectionJson(cases) };
}

/** Runs a command with its arguments. Gives the exit status. */
export async function runCommand([name, ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(commands, name ?? "") ? commands[name] : undefined;
  try {
    if (command) return await command(args);
    const known = Object.keys(commands).join(", ");
    console.error(`error: There is no command ${plainText(name ?? "")}: use one of ${known}`);
    return 2;
  } catch (error) {
    const { exitStatus } = await import("./engine/pipeline/mod.ts");
    const status = exitStatus(error);
    console.error(`error: ${status === 1 ? (error as Error).stack : plainText((error as Error).message)}`);
    return status;
  }
}

if (import.meta.main) Deno.exit(await runCommand(Deno.args));
