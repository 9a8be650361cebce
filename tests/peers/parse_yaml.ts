/** Prints the documents of YAML files as JSON, a line for each file. */
import { loadAll } from "js-yaml";

for (const path of Deno.args) console.log(JSON.stringify(loadAll(await Deno.readTextFile(path))));
