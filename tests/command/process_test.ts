import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openEngine } from "../../engine/mod.ts";
import { addTunedForms, tunedFile } from "../../engine/tuned/tables.ts";
import { encodePng } from "../../plugins/formats/png/png.ts";
import { shapeClass } from "../../shaders/forms.ts";
import { assertSameResults, writeImages } from "../interrupted_runs.ts";
import { filesIn, inFolder, run, start, waitForCases } from "./program.ts";

const chain = ["--stages", "acquire,denoise,export", "--set", "export.formats=npy"];
const plugin = new URL("./slow_plugin.ts", import.meta.url).pathname;
const slowChain = ["--plugin", plugin, "--stages", "acquire,denoise,slow,export", "--set", "export.formats=npy"];

Deno.test("bad inputs are named with a remedy, and the others are done: status 5", () =>
  inFolder(async (folder) => {
    await writeImages(folder, 1);
    const png = encodePng(new Uint8Array(64 * 64).map((_, index) => index * 7), [1, 64, 64], { bits: 8 });
    await Deno.writeFile(`${folder}/truncated.png`, png.subarray(0, png.length >> 1));
    await Deno.writeFile(`${folder}/empty.png`, new Uint8Array());
    await Deno.writeTextFile(`${folder}/text.dcm`, "This is no DICOM file.\n".repeat(20));
    const inputs = ["image1.npy", "missing.png", "empty.png", "text.dcm", "truncated.png"];
    const output = `${folder}/out`;
    const ended = await run("process", [...inputs.map((name) => `${folder}/${name}`), ...chain, "--output", output]);
    assertEquals(ended.status, 5, ended.stderr);
    for (const name of inputs.slice(1)) {
      const line = ended.stderr.split("\n").find((text) =>
        text.includes("failed") && text.includes(`${folder}/${name}`)
      );
      assertMatch(line ?? "", /Cannot open .* as .*: \S/, `${name} in ${ended.stderr}`);
    }
    assertStringIncludes(ended.stdout, "1 case done, 4 failed");
    assertEquals(await filesIn(output), ["cases/image1/case.json", "cases/image1/image.npy", "run.json"]);
  }));

Deno.test("process takes the forms that were measured on its device", () =>
  inFolder(async (folder) => {
    await writeImages(folder, 1);
    const options = { radius: 1, border: "reflect", cval: 0, slicewise: false };
    const name = shapeClass("median", [{ dtype: "f32", shape: [1, 20, 30] }], options);
    await using engine = await openEngine();
    await addTunedForms(tunedFile(`${folder}/cache/isocenter/tuned`, engine.info), { [name]: "rank" });
    const output = `${folder}/out`;
    const filter = ["--set", "denoise.filter=median", "--set", "denoise.radius=1"];
    const child = start("process", [`${folder}/image1.npy`, ...chain, ...filter, "--output", output], undefined, {
      XDG_CACHE_HOME: `${folder}/cache`,
    });
    const { code, stderr } = await child.output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const { shaders } = JSON.parse(await Deno.readTextFile(`${output}/run.json`));
    const pages = shaders.map(({ path }: { path: string }) => path).filter((path: string) => path.includes("/median/"));
    // Without the table it would be median_3x3.
    assertEquals(pages, ["shaders/filters/median/median_rank.wgsl"]);
  }));

Deno.test("a wrong command or pipeline starts nothing: status 2", () =>
  inFolder(async (folder) => {
    await writeImages(folder, 1);
    await Deno.writeTextFile(`${folder}/broken.json`, '{"stages": [');
    const output = `${folder}/out`;
    const wrong: [args: string[], message: string][] = [
      [["--stages", "acquire,sharpen"], "the known ones are acquire, denoise, gallery, segment"],
      [["--stages", "acquire,denoise", "--set", "denoise.filter=mean", "--set", "denoise.radius=-3"], "radius is -3"],
      [["--pipeline", `${folder}/broken.json`], "is not JSON"],
      [["--pipeline", `${folder}/none.json`], "there is no such file"],
      [["--stages", "acquire,classify"], "comes from"],
      [["--colour"], "has no such option"],
    ];
    for (const [args, message] of wrong) {
      const ended = await run("process", [`${folder}/image1.npy`, "--output", output, ...args]);
      assertEquals(ended.status, 2, ended.stderr);
      const error = ended.stderr.split("\n").filter((line) => line.startsWith("error: Cannot"));
      assertEquals(error.length, 1, ended.stderr);
      assertStringIncludes(error[0], message);
    }
    assertEquals((await filesIn(folder)).filter((name) => name.startsWith("out")), []);
  }));

Deno.test("a model that is missing or no ONNX starts nothing: status 4", () =>
  inFolder(async (folder) => {
    await writeImages(folder, 1);
    await Deno.mkdir(`${folder}/model`);
    const contract = JSON.parse(
      await Deno.readTextFile(new URL("../../models/resnet_unet_tumor/model.json", import.meta.url)),
    );
    await Deno.writeTextFile(`${folder}/model/model.json`, JSON.stringify(contract));
    await Deno.writeTextFile(`${folder}/model/model.onnx`, "This is no network.");
    for (const model of ["models/none", `${folder}/model`]) {
      const args = ["--stages", "acquire,segment", "--set", `segment.model=${model}`, "--output", `${folder}/out`];
      const ended = await run("process", [`${folder}/image1.npy`, ...args]);
      assertEquals(ended.status, 4, ended.stderr);
      assertStringIncludes(ended.stderr, model);
    }
    assertEquals((await filesIn(folder)).filter((name) => name.startsWith("out")), []);
  }));

Deno.test("a write that Deno refuses is told with the reason, and nothing is written", () =>
  inFolder(async (folder) => {
    await writeImages(folder, 1);
    const flags = ["--allow-read", "--allow-env", "--allow-ffi", "--allow-run=deno", "--allow-write=/nonexistent"];
    const ended = await run("process", [`${folder}/image1.npy`, ...chain, "--output", `${folder}/out`], flags);
    assertEquals(ended.status, 2, ended.stderr);
    assertStringIncludes(ended.stderr, `Cannot write ${folder}/out`);
    assertStringIncludes(ended.stderr, "allow it with --allow-write");
    assertEquals(await filesIn(folder), ["image1.npy"]);
  }));

Deno.test("--json prints one event per line", () =>
  inFolder(async (folder) => {
    await writeImages(`${folder}/in`, 2);
    const ended = await run("process", [`${folder}/in`, ...chain, "--output", `${folder}/out`, "--json"]);
    assertEquals(ended.status, 0, ended.stderr);
    const events = ended.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(events[0].type, "start");
    assertEquals(events.at(-1).type, "finish");
    assertEquals(events.filter((event) => event.type === "case").map((event) => event.id), ["image1", "image2"]);
    assertEquals(events.filter((event) => event.stage === "readback").length, 2);
  }));

Deno.test("--schema prints the JSON schema of pipelines", async () => {
  const ended = await run("process", ["--schema"]);
  assertEquals(ended.status, 0, ended.stderr);
  const { properties } = JSON.parse(ended.stdout);
  const names = properties.stages.items.anyOf.map((item: { properties: { stage: { const: string } } }) =>
    item.properties.stage.const
  );
  assert(["acquire", "denoise", "segment", "crop", "report"].every((name) => names.includes(name)), names.join());
});

Deno.test("an interrupt ends the run with status 130 and keeps what is done; --resume goes on", async (test) => {
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    await test.step(signal, () =>
      inFolder(async (folder) => {
        await writeImages(`${folder}/in`, 4);
        const args = (output: string) => [`${folder}/in`, ...slowChain, "--output", `${folder}/${output}`];
        const process = start("process", [...args("one"), "--json"]);
        await waitForCases(process, 1);
        process.kill(signal);
        const [status] = await Promise.all([process.status, process.stderr.pipeTo(new WritableStream())]);
        if (signal === "SIGINT") assertEquals(status.code, 130);
        const kept = (await filesIn(`${folder}/one/cases`)).filter((name) => name.endsWith("case.json")).length;
        assert(kept >= 1 && kept < 4, `${kept} cases are kept`);
        assertEquals((await run("process", [...args("one"), "--resume"])).status, 0);
        assertEquals((await run("process", args("two"))).status, 0);
        await assertSameResults(`${folder}/one`, `${folder}/two`);
      }));
  }
});
