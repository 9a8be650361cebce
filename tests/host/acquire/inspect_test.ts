import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { inspect } from "../../../engine/commands/inspect.ts";
import { InputError, UsageError } from "../../../engine/errors.ts";
import { inspectInput, inspectionJson, inspectionLines } from "../../../plugins/acquire/inspect.ts";
import { dicomFile } from "../../formats/dicom_builder.ts";

/** Slices of a CT at these heights in mm. */
async function series(heights: readonly number[], work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [at, height] of heights.entries()) {
      const bytes = dicomFile({
        Modality: "CT",
        PatientName: "DOE^JANE",
        SeriesInstanceUID: "1.2.3",
        SOPInstanceUID: `1.2.3.${at}`,
        ImagePositionPatient: `0\\0\\${height}`,
        ImageOrientationPatient: "1\\0\\0\\0\\1\\0",
        PixelSpacing: "0.5\\0.5",
      });
      await Deno.mkdir(`${folder}/head`, { recursive: true });
      await Deno.writeFile(`${folder}/head/${at}.dcm`, bytes);
    }
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const madeFor = { modality: "MR", sequence: "T1" };

Deno.test("a series with a missing slice is named on one screen, without the patient", () =>
  series([0, 1.6, 4.8, 6.4], async (folder) => {
    const lines = inspectionLines(folder, await inspectInput(folder, madeFor));
    assertEquals(lines, [
      `${folder}: 1 case, 0 sound, 1 not`,
      "head: CT, axial, 4 x 4 pixels, 4 slices, 0.5 x 0.5 x 2.13 mm",
      "  NOT SOUND:",
      "    - slice 3 is missing: a gap of 3.2 mm instead of 1.6",
      "  process: fails, unless --set acquire.geometry=repair or =warn",
    ]);
  }));

Deno.test("a sound series of another modality than the networks' is named so, also as JSON", () =>
  series([0, 2, 4], async (folder) => {
    const printed: string[] = [];
    const look = async (path: string) => {
      const cases = await inspectInput(path, madeFor);
      return { lines: inspectionLines(path, cases), json: inspectionJson(cases) };
    };
    assertEquals(await inspect([folder, "--json"], look, (line) => printed.push(line)), 0);
    const [found] = JSON.parse(printed.join(""));
    assertEquals([found.sound, found.spacingMm, found.size], [true, [0.5, 0.5, 2], [4, 4, 3]]);
    assertStringIncludes(found.chain, "fails as it is of modality CT and its networks were made for MR");
    await assertRejects(() => inspect([], look), UsageError, "inspect takes one path");
  }));

Deno.test("a folder without an image is an input error", async () => {
  const folder = await Deno.makeTempDir();
  await assertRejects(() => inspectInput(folder, madeFor), InputError, "Cannot find an image in");
  await Deno.remove(folder);
  await assertRejects(() => inspectInput(folder, madeFor), InputError, "there is no such file or folder");
});
