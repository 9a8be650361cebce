/** The examples of deployment are what they say: their syntax, and that the program has the arguments that they name. */
import { assert, assertEquals } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };

const folder = new URL("../../../engine/service/deploy/", import.meta.url).pathname;
const peers = new URL("../../peers/", import.meta.url).pathname;

// deno-lint-ignore no-explicit-any -- what a YAML file holds
async function documentsOf(...names: string[]): Promise<any[][]> {
  const paths = names.map((name) => `${folder}${name}`);
  const args = ["run", "--frozen", "-A", "--config", `${peers}deno.json`, `${peers}parse_yaml.ts`, ...paths];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}

/** Whether a command's own usage has the arguments. */
async function proveArguments([command, ...args]: string[]): Promise<void> {
  assert(Object.hasOwn(config.tasks, command), command);
  const source = await Deno.readTextFile(new URL(`../../../engine/commands/${command}.ts`, import.meta.url));
  for (const name of args.filter((text) => text.startsWith("--"))) assert(source.includes(`  ${name} `), name);
}

Deno.test("the examples of deployment are YAML of their kinds, and name arguments that there are", async () => {
  const [[compose], manifests] = await documentsOf("compose.yaml", "kubernetes.yaml");
  assertEquals(Object.keys(compose.services).sort(), ["nats", "serve", "work"]);
  await proveArguments(compose.services.serve.command);
  await proveArguments(compose.services.work.command);
  assertEquals(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`), [
    "StatefulSet nats",
    "Service nats",
    "Deployment serve",
    "Service serve",
    "Deployment work",
  ]);
  for (const { kind, apiVersion, spec } of manifests) {
    assertEquals(apiVersion, kind === "Service" ? "v1" : "apps/v1");
    if (kind === "Service") continue;
    assertEquals(spec.selector.matchLabels, spec.template.metadata.labels);
    for (const { image, args, volumeMounts = [] } of spec.template.spec.containers) {
      if (image.startsWith("isocenter")) await proveArguments(args);
      const volumes = [...spec.template.spec.volumes ?? [], ...spec.volumeClaimTemplates ?? []];
      const names = volumes.map((volume) => volume.name ?? volume.metadata.name);
      for (const { name } of volumeMounts) assert(names.includes(name), name);
    }
  }
});
