/** An identity that is planted in the inputs stands in no output, also not within compressed and base64 text. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { planted, plantedSlice } from "../formats/planted.ts";
import { filesIn, inFolder, run } from "./program.ts";

async function writeSeries(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (let at = 0; at < 4; at++) await Deno.writeFile(`${folder}/${at}.dcm`, plantedSlice(at));
}

/** All that a file holds as text: its bytes, what is inflated of them, and what base64 within it stands for. */
function* textsOf(bytes: Uint8Array, depth = 0): Generator<string> {
  const text = new TextDecoder("latin1").decode(bytes);
  yield text;
  if (depth > 2) return;
  const gzip = text.indexOf("\x1f\x8b\x08");
  if (gzip >= 0) {
    try {
      yield* textsOf(new Uint8Array(gunzipSync(bytes.subarray(gzip))), depth + 1);
    } catch {
      // Bytes that only look like it.
    }
  }
  for (const [found] of text.matchAll(/[A-Za-z0-9+/]{40,}={0,2}/g)) {
    const plain = found.replace(/=+$/, "");
    // A single letter behind whole groups of four stands for nothing.
    yield* textsOf(Uint8Array.fromBase64(plain.slice(0, plain.length - Number(plain.length % 4 === 1))), depth + 1);
  }
}

const formats = 'export.formats=["png","npy","nifti","nrrd","dicom-seg","dicom-sr","dicom-sc"]';
const mask = new URL("./mask_plugin.ts", import.meta.url).pathname;

Deno.test("a planted identity stands in no output, no name and no line of a run", () =>
  inFolder(async (folder) => {
    // Exports name their folders by patient and study.
    await writeSeries(`${folder}/in/Planted_Zebra QX77/1.2.840.99999.2/scan`);
    const args = [
      `${folder}/in`,
      "--plugin",
      mask,
      "--stages",
      "acquire,whole,evaluate,export,report",
      "--set",
      formats,
    ];
    const { status, stdout, stderr } = await run("process", [...args, "--output", `${folder}/out`]);
    assertEquals(status, 0, stderr);
    const names = await filesIn(`${folder}/out`);
    const { cases: [{ id, source, inputs }] } = JSON.parse(await Deno.readTextFile(`${folder}/out/run.json`));
    assertMatch(source, /\/in\/case-[0-9a-f]{8}\/case-[0-9a-f]{8}\/scan$/);
    assertEquals(
      inputs.map(({ path }: { path: string }) => path.slice(source.length)),
      [0, 1, 2, 3].map((n) => `/${n}.dcm`),
    );
    for (const name of ["segmentation.dcm", "report.dcm", "overlay.dcm", "mask.nii.gz", "mask.nrrd"]) {
      assert(names.includes(`cases/${id}/${name}`), names.join());
    }
    for (const part of [...planted, "Zebra"]) {
      assert(![stdout, stderr, ...names].some((text) => text.includes(part)), `${part} stands in a name or a line`);
    }
    const again = await run("process", [...args, "--output", `${folder}/out`, "--resume"]);
    assertEquals(again.status, 0, again.stderr);
    assert((again.stdout + again.stderr).includes("1 of them done before"), again.stderr);
    for (const name of names) {
      for (const text of textsOf(await Deno.readFile(`${folder}/out/${name}`))) {
        for (const part of [...planted, "Zebra"]) assert(!text.includes(part), `${part} stands in ${name}`);
      }
    }
  }));

Deno.test("--keep-identity keeps it in the DICOM objects, which is what the search above would find", () =>
  inFolder(async (folder) => {
    await writeSeries(`${folder}/in/scan`);
    const args = [
      `${folder}/in`,
      "--plugin",
      mask,
      "--stages",
      "acquire,whole,export",
      "--keep-identity",
      "--set",
      formats,
    ];
    const { status, stderr } = await run("process", [...args, "--output", `${folder}/out`]);
    assertEquals(status, 0, stderr);
    const texts = [...textsOf(await Deno.readFile(`${folder}/out/cases/scan/segmentation.dcm`))];
    for (const part of planted) assert(texts.some((text) => text.includes(part)), part);
  }));
