import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ModelError } from "../../../engine/errors.ts";
import { fetchModel } from "../../../engine/graph/model_source.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("fetchModel takes bytes, a file, a file URL and a folder with model.json", () =>
  inFolder(async (folder) => {
    const bytes = new Uint8Array([1, 2, 3]);
    await Deno.writeFile(`${folder}/net.onnx`, bytes);
    await Deno.writeTextFile(`${folder}/model.json`, JSON.stringify({ file: "net.onnx", classes: ["tumor"] }));
    for (const source of [bytes, `${folder}/net.onnx`, new URL(`file://${folder}/net.onnx`), folder, `${folder}/`]) {
      assertEquals((await fetchModel(source)).bytes, bytes);
    }
  }));

Deno.test("fetchModel takes a URL of a file and of a folder", async () => {
  const files: Record<string, string> = { "/m/model.json": '{"file":"net.onnx"}', "/m/net.onnx": "abc" };
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const body = files[new URL(request.url).pathname];
    return new Response(body ?? "nothing here", { status: body === undefined ? 404 : 200 });
  });
  const root = `http://127.0.0.1:${server.addr.port}`;
  const bytes = new TextEncoder().encode("abc");
  assertEquals((await fetchModel(`${root}/m/net.onnx`)).bytes, bytes);
  assertEquals((await fetchModel(new URL(`${root}/m/`))).bytes, bytes);
  const error = await assertRejects(() => fetchModel(`${root}/other.onnx`), ModelError);
  assertStringIncludes(error.message, "404");
});

Deno.test("fetchModel names what is missing and the remedy", () =>
  inFolder(async (folder) => {
    const missing = await assertRejects(() => fetchModel(`${folder}/none.onnx`), ModelError);
    assertEquals(missing.message, `Cannot open ${folder}/none.onnx as it does not exist: check the path of the model`);
    const empty = await assertRejects(() => fetchModel(folder), ModelError);
    assertStringIncludes(empty.message, `${folder}/model.json`);
    await Deno.writeTextFile(`${folder}/model.json`, "{ file");
    const broken = await assertRejects(() => fetchModel(folder), ModelError);
    assertStringIncludes(broken.message, "not JSON");
    await Deno.writeTextFile(`${folder}/model.json`, "{}");
    const silent = await assertRejects(() => fetchModel(folder), ModelError);
    assertStringIncludes(silent.message, 'its "file" is undefined');
  }));

Deno.test("a model's file lies inside of its folder, and is a regular file", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/m`);
    await Deno.writeTextFile(`${folder}/secret.onnx`, "secret");
    await Deno.symlink(`${folder}/secret.onnx`, `${folder}/m/link.onnx`);
    for (const file of ["../secret.onnx", `${folder}/secret.onnx`, "link.onnx", "a/../../secret.onnx"]) {
      await Deno.writeTextFile(`${folder}/m/model.json`, JSON.stringify({ file }));
      const error = await assertRejects(() => fetchModel(`${folder}/m`), ModelError);
      assertStringIncludes(error.message, `Cannot open ${folder}/m/`);
    }
    const device = await assertRejects(() => fetchModel("/dev/zero"), ModelError);
    assertStringIncludes(device.message, "a regular file");
  }));
