/** A folder of 10,000 files is listed within 30 seconds and 500 MiB. */
import { assert, assertEquals } from "@std/assert";
import { dicomFile } from "../formats/dicom_builder.ts";

Deno.test("10,000 files of 50 series are listed within 30 s and 500 MiB", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (let series = 0; series < 50; series++) {
      await Deno.mkdir(`${folder}/${series}`);
      for (let at = 0; at < 200; at++) {
        const bytes = dicomFile({
          SOPInstanceUID: `1.2.${series}.${at}`,
          SeriesInstanceUID: `1.2.${series}`,
          Modality: "CT",
          Rows: 256,
          Columns: 256,
          ImagePositionPatient: `0\\0\\${2 * at}`,
          ImageOrientationPatient: "1\\0\\0\\0\\1\\0",
          PixelSpacing: "1\\1",
          PixelData: new Uint8Array(65_536),
        });
        await Deno.writeFile(`${folder}/${series}/${at}.dcm`, bytes);
      }
    }
    const program = new URL("./listing_program.ts", import.meta.url).pathname;
    const args = ["run", "--frozen", "-A", program, folder];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
    const { cases, seconds, peakMiB } = JSON.parse(new TextDecoder().decode(stdout));
    console.log(`10,000 files: ${seconds.toFixed(1)} s, ${peakMiB.toFixed(0)} MiB`);
    assertEquals(cases, 50);
    assert(seconds < 30, `it took ${seconds} s`);
    assert(peakMiB > 0 && peakMiB < 500, `it took ${peakMiB} MiB`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
