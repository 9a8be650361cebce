/** The command `inspect`: what a folder, an archive, a file or a model holds, before it is processed. */
import { parseArgs } from "@std/cli";
import { UsageError } from "../errors.ts";
import type { Json } from "../pipeline/mod.ts";
import { inspectModel, isModel } from "./inspect_model.ts";

/** Looks at an input: what to print of it, and all that is known as JSON. */
export type InspectInput = (path: string) => Promise<{ readonly lines: readonly string[]; readonly json: Json }>;

const usage = "deno task inspect PATH [--shape INPUT=SIZES]... [--json]";

/** Runs the command and gives the exit status. Throws a `UsageError` for wrong arguments, an `InputError` for no image. */
export async function inspect(
  args: readonly string[],
  inspectInput: InspectInput,
  write: (line: string) => void = console.log,
): Promise<number> {
  const unknown: string[] = [];
  const options = parseArgs(args, {
    boolean: ["json"],
    string: ["shape"],
    collect: ["shape"],
    unknown: (argument, key) => {
      if (key === undefined) return true;
      unknown.push(argument);
      return false;
    },
  });
  if (unknown.length > 0) throw new UsageError(`inspect has no argument ${unknown.join(" ")}: ${usage}`);
  if (options._.length !== 1) throw new UsageError(`inspect takes one path: ${usage}`);
  const path = String(options._[0]);
  const shapes = (options.shape as string[] | undefined) ?? [];
  const { lines, json } = await isModel(path) ? await inspectModel(path, shapes) : await inspectInput(path);
  if (options.json) write(JSON.stringify(json, null, 2));
  else lines.forEach((line) => write(line));
  return 0;
}
