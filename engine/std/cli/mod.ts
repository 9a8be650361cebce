/** Stands in for `jsr:@std/cli` where JSR cannot be reached; removing `links` from `deno.json` gives the original. */
export { parseArgs } from "./parse_args.ts";
