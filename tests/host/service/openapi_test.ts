/** The OpenAPI document by an independent linter. */
import { assertEquals } from "@std/assert";
import { openService } from "../../../engine/service/service.ts";

const folder = new URL("../../peers/", import.meta.url).pathname;

async function lint(document: unknown): Promise<string[]> {
  const args = ["run", "--frozen", "-A", "--config", `${folder}/deno.json`, `${folder}/lint_openapi.ts`];
  const command = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" }).spawn();
  await new Response(JSON.stringify(document)).body!.pipeTo(command.stdin);
  const { stdout } = await command.output();
  return new TextDecoder().decode(stdout).trim().split("\n");
}

Deno.test("the OpenAPI document is clean by Redocly's strict rules, which find what is wrong", async () => {
  await using service = await openService({ plugins: [], stages: [], models: {} });
  const document = await (await service.fetch(new Request("http://service/openapi.json"))).json();
  assertEquals(await lint(document), ["linted"]);
  delete document.paths["/v1/jobs/{id}"].get.parameters;
  const [found] = await lint(document);
  assertEquals(found.split(":")[0], "path-parameters-defined");
});
