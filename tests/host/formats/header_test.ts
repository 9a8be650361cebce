import { assert, assertEquals } from "@std/assert";
import { openWriter } from "../../../plugins/demonstration/dicom.ts";
import { phantomStudy } from "../../../plugins/demonstration/phantom.ts";
import { decode } from "../../../plugins/formats/detect.ts";
import { encodeNpy } from "../../../plugins/formats/npy/npy.ts";

Deno.test("a DICOM file's header is its attributes as plain data, without the pixels", async () => {
  const write = await openWriter();
  const bytes = await write(phantomStudy({ seed: 1, slices: 2, size: 32 }), 1, 0);
  const { header } = await decode(new Uint8Array(bytes), "slice.dcm");
  assertEquals([header?.format, header?.modality], ["dicom", "MR"]);
  const { attributes } = JSON.parse(JSON.stringify(header));
  assertEquals(attributes["00080060"], { vr: "CS", Value: ["MR"] });
  assertEquals(attributes["00280010"], { vr: "US", Value: [32] });
  assertEquals(attributes["00100010"].vr, "PN");
  assert(Object.hasOwn(attributes["00100010"].Value[0], "Alphabetic"));
  assertEquals(attributes["00200032"].Value.map((mm: unknown) => typeof mm), ["number", "number", "number"]);
  assertEquals(Object.keys(attributes).filter((tag) => tag === "7FE00010" || tag.startsWith("0002")), []);
});

Deno.test("a file of another format names it in its header", async () => {
  const { header } = await decode(new Uint8Array(encodeNpy([1, 2], [1, 1, 2])), "a.npy");
  assertEquals(header, { format: "npy" });
});
