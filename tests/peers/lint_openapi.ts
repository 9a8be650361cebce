/** Lints the OpenAPI document on standard input by Redocly's recommended rules, and prints a line for each problem. */
import { createConfig, lintFromString } from "@redocly/openapi-core";

const source = await new Response(Deno.stdin.readable).text();
// Health, readiness and metrics have no answer of 4xx: they refuse nobody.
const config = await createConfig({ extends: ["recommended-strict"], rules: { "operation-4xx-response": "off" } });
for (const { ruleId, message, location } of await lintFromString({ source, config, absoluteRef: "openapi.json" })) {
  console.log(`${ruleId}: ${message} at ${location[0]?.pointer}`);
}
console.log("linted");
