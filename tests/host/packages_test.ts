/** The packages: the program without its networks, and each network by itself. */
import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };

const models = new URL("../../models/", import.meta.url);
/** Most bytes of a package. */
const most = 20 * 2 ** 20;

Deno.test("the gate proves the documentation of each subpath that is exported", () => {
  const [, proved] = /deno doc --lint ([^&]+) &&/.exec(config.tasks.ok.command)!;
  assertEquals(proved.split(" ").map((path) => `./${path}`).sort(), Object.values(config.exports).sort());
});

Deno.test("networks are packages of their own, below 20 MB, and none is in the program's", async () => {
  assertEquals(config.publish.exclude, ["models"]);
  let count = 0;
  for await (const { name } of Deno.readDir(models)) {
    const folder = new URL(`${name}/`, models);
    const files = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
    if (!files.some((file) => file.name === "deno.json")) continue;
    count++;
    const own = JSON.parse(await Deno.readTextFile(new URL("deno.json", folder)));
    assertEquals(own.name, `@isocenter/model-${name.replaceAll("_", "-")}`);
    assertEquals([own.version, own.license], [config.version, config.license]);
    const sizes = await Promise.all(files.map(async (file) => (await Deno.stat(new URL(file.name, folder))).size));
    assert(sizes.reduce((sum, size) => sum + size) < most, name);
    assertEquals((await import(new URL(own.exports, folder).href)).folder, folder.href);
  }
  assert(count >= 6, `${count} networks`);
});
