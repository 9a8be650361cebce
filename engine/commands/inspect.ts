/** The command `inspect`: what a folder, an archive or a file holds, before it is processed. */
import { parseArgs } from "@std/cli";
import { UsageError } from "../errors.ts";
import type { Json } from "../pipeline/mod.ts";

/** Looks at an input: what to print of it, and all that is known as JSON. */
export type InspectInput = (path: string) => Promise<{ readonly lines: readonly string[]; readonly json: Json }>;

const usage = "deno task inspect PATH [--json]";

/** Runs the command and gives the exit status. Throws a `UsageError` for wrong arguments, an `InputError` for no image. */
export async function inspect(
  args: readonly string[],
  inspectInput: InspectInput,
  write: (line: string) => void = console.log,
): Promise<number> {
  const unknown: string[] = [];
  const options = parseArgs(args, {
    boolean: ["json"],
    unknown: (argument, key) => {
      if (key === undefined) return true;
      unknown.push(argument);
      return false;
    },
  });
  if (unknown.length > 0) throw new UsageError(`inspect knows no ${unknown.join(" ")}: ${usage}`);
  if (options._.length !== 1) throw new UsageError(`inspect takes one path: ${usage}`);
  const { lines, json } = await inspectInput(String(options._[0]));
  if (options.json) write(JSON.stringify(json, null, 2));
  else lines.forEach((line) => write(line));
  return 0;
}
