/** The program behind `deno task conformance`. */
import { plainText } from "../../engine/commands/plain_text.ts";
import { exitStatus } from "../../engine/pipeline/mod.ts";
import { conformance } from "./command.ts";

if (import.meta.main) Deno.exit(await run(Deno.args));

async function run(args: string[]): Promise<number> {
  try {
    return await conformance(args);
  } catch (error) {
    const status = exitStatus(error);
    console.error(`error: ${status === 1 ? (error as Error).stack : plainText((error as Error).message)}`);
    return status;
  }
}
