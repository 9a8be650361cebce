import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../engine/errors.ts";
import { decode } from "../../../plugins/formats/detect.ts";
import { encodeNpy } from "../../../plugins/formats/npy/npy.ts";
import { encodePng } from "../../../plugins/formats/png/png.ts";
import { missing, testData } from "../../test_data.ts";

async function refusal(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<string> {
  const error = await decode(bytes, name).then(() => undefined, (error) => error);
  assert(error instanceof InputError, `${name}: ${error}`);
  return error.message;
}

const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);
const noise = Float32Array.from({ length: 4096 }, (_, at) => at * 7919 % 251);
const png = encodePng(noise, [1, 64, 64], { bits: 8 });

Deno.test("an empty file, a text file and unknown content are refused in one line", async () => {
  assertEquals(
    await refusal(new Uint8Array(), "scan.png"),
    "Cannot open scan.png as it is empty (0 bytes): fetch the file again",
  );
  assertEquals(
    await refusal(text("Not Found\n"), "scan.dcm"),
    "Cannot open scan.dcm as it is a text file: give a file of PNG, JPEG, TIFF, NIfTI, NRRD, MetaImage, MGH, npy or DICOM",
  );
  assertStringIncludes(await refusal(new Uint8Array([0, 1, 2, 200]), "a.raw"), "its content is of no known format");
});

Deno.test("a truncated PNG says where it ends", async () => {
  const idat = png.length - 12 - 33 - 12;
  assertEquals(
    await refusal(png.slice(0, 133), "scan.png"),
    `Cannot open scan.png as its IDAT chunk ends after 100 of ${
      (idat + 12).toLocaleString("en-US")
    } bytes: fetch the file again`,
  );
  assertEquals(
    await refusal(png.slice(0, png.length - 12), "scan.png"),
    `Cannot open scan.png as it ends after ${
      (png.length - 12).toLocaleString("en-US")
    } bytes without an IEND chunk: fetch the file again`,
  );
  const flipped = png.slice();
  flipped[60] ^= 0xff;
  assertStringIncludes(await refusal(flipped, "scan.png"), "its PNG data is damaged (");
});

Deno.test("truncated npy, gzip and odd npy say what is wrong", async () => {
  const npy = encodeNpy(noise, [1, 64, 64]);
  assertEquals(
    await refusal(npy.slice(0, 1152), "a.npy"),
    "Cannot open a.npy as its data ends after 1,024 of 16,384 bytes: fetch the file again",
  );
  const gzip = await new Response(new Blob([npy]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
  assertStringIncludes(await refusal(gzip.slice(0, -40), "a.npy.gz"), "its gzip data is damaged or ends early");
  assertEquals((await decode(gzip, "a.npy.gz")).pixels, noise);
  const complex = text(new TextDecoder("latin1").decode(npy.slice(10, 138)).replace("<f4", "<c8"));
  assertStringIncludes(
    await refusal(new Uint8Array([...npy.slice(0, 10), ...complex]), "a.npy"),
    `its elements are of type "<c8"`,
  );
});

Deno.test({
  name: "a file that is cut off anywhere is refused, never read halfway",
  ignore: missing("formats", "dicom/pydicom/CT_small.dcm"),
  async fn() {
    const names = [
      "formats/gray16.png",
      "formats/rgb8_444.jpg",
      "formats/volume_f32.npy",
      "formats/gray16_lzw_tiled.tif",
      "formats/gray16_packbits.tif",
      "formats/volume_gzip.nrrd",
      "formats/volume_zlib.mha",
      "nifti_space/variants/base.mgz",
      "dicom/pydicom/CT_small.dcm",
    ];
    for (const name of names) {
      const bytes = await Deno.readFile(testData(name));
      // CT_small ends with 126 bytes of padding behind its pixels, a JPEG with its end marker.
      const end = bytes.length - (name.endsWith(".dcm") ? 140 : 40);
      for (let at = 150; at < end; at += Math.ceil(end / 40)) {
        assertStringIncludes(await refusal(bytes.slice(0, at), name), `Cannot open ${name} as `);
      }
    }
    const dicom = await Deno.readFile(testData("dicom/pydicom/MR_truncated.dcm"));
    assertStringIncludes(await refusal(dicom, "MR.dcm"), "its pixel data ends after 8,130 of 8,192 bytes");
  },
});
