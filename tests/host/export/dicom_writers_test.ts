import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Geometry,
  geometryOfAffine,
  type Header,
  type Json,
  unknownGeometry,
  voxelToPatient,
  type Writer,
} from "../../../engine/pipeline/mod.ts";
import { dicomSc, dicomSeg, dicomSr } from "../../../plugins/export/dicom_writers.ts";
import { decode } from "../../../plugins/formats/detect.ts";
import { parseFile } from "../../../plugins/formats/dicom/data_set.ts";
import { headerOf } from "../../../plugins/formats/dicom/header.ts";
import { originOf } from "../../../plugins/formats/limits.ts";
import { missingOf, REPORT, SECONDARY_CAPTURE, SEGMENTATION } from "../../formats/iod_modules.ts";

type Attributes = Record<string, { readonly vr: string; readonly Value?: readonly Json[] }>;

/** A blob of 3 x 4 x 5 beside the middle. */
const mask = Float32Array.from({ length: 60 }, (_, at) => Number(at % 5 > 2 && Math.floor(at / 5) % 4 < 2 && at >= 20));
const upright = geometryOfAffine([0.8, 0, 0, -7, 0, 1.3, 0, 12, 0, 0, 2.5, 3, 0, 0, 0, 1], 3);

const header: Header = {
  format: "dicom",
  modality: "MR",
  instances: ["1.2.840.9.1", "1.2.840.9.2", "1.2.840.9.3"],
  attributes: {
    "00100010": { vr: "PN", Value: [{ Alphabetic: "PLANTED^NAME" }] },
    "00100020": { vr: "LO", Value: ["PLANTEDID7"] },
    "00100030": { vr: "DA", Value: ["19010203"] },
    "00080020": { vr: "DA", Value: ["20070809"] },
    "0020000D": { vr: "UI", Value: ["1.2.840.9.77"] },
    "0020000E": { vr: "UI", Value: ["1.2.840.9.88"] },
    "00200052": { vr: "UI", Value: ["1.2.840.9.99"] },
    "00080016": { vr: "UI", Value: ["1.2.840.10008.5.1.4.1.1.4"] },
  },
};

interface Written {
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  readonly warnings: string[];
}

async function write(
  writer: Writer,
  geometry: Geometry,
  keepIdentity = false,
  labels?: { readonly names: string[]; readonly data: Float32Array },
): Promise<Written> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const warnings: string[] = [];
  const tensor = { dtype: "f32", shape: [3, 4, 5], data: labels?.data ?? mask };
  const writtenCase = {
    id: "case",
    header,
    measures: { class: { label: "glioma", probabilities: { glioma: 0.875 } } },
    host: {
      image: { tensor: { ...tensor, shape: [1, 3, 4, 5] }, geometry },
      mask: { tensor, geometry, labels: labels?.names },
    },
    write: (name: string, bytes: Uint8Array<ArrayBuffer>) => Promise.resolve(void files.set(name, bytes)),
    warn: (line: string) => void warnings.push(line),
  };
  await writer.write(writtenCase as never, { keepIdentity });
  return { files, warnings };
}

function attributesOf(bytes: Uint8Array<ArrayBuffer>): Attributes {
  const { dataSet, syntax } = parseFile(bytes, originOf("a.dcm"));
  return headerOf(dataSet, syntax.littleEndian).attributes as Attributes;
}

Deno.test("a segmentation has the attributes of its IOD, and its mask where the image's was, for all directions", async () => {
  const axes = [[0, 1, 2], [2, 0, 1], [1, 2, 0]];
  for (const order of axes) {
    for (const signs of [[1, 1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, -1]]) {
      const affine = new Array<number>(16).fill(0);
      order.forEach((world, voxel) => affine[4 * world + voxel] = signs[voxel] * [0.8, 1.3, 2.5][voxel]);
      [affine[3], affine[7], affine[11], affine[15]] = [-7.5, 12.25, 3, 1];
      const { files } = await write(dicomSeg, geometryOfAffine(affine, 3));
      const bytes = files.get("segmentation.dcm")!;
      assertEquals(missingOf(attributesOf(bytes), SEGMENTATION), []);
      const read = await decode(bytes, "segmentation.dcm");
      assertEquals(read.shape, [1, 3, 4, 5]);
      const [wanted, found] = [centroid(mask, affine), centroid(read.pixels, read.geometry.affine)];
      found.forEach((value, axis) => assertAlmostEquals(value, wanted[axis], 1e-5, `${affine}`));
    }
  }
});

/** The centroid of 3 x 4 x 5 voxels in the patient. */
function centroid(pixels: ArrayLike<number>, affine: readonly number[]): number[] {
  const sum = [0, 0, 0];
  let count = 0;
  for (let at = 0; at < 60; at++) {
    if (pixels[at] === 0) continue;
    voxelToPatient(affine, [at % 5, Math.floor(at / 5) % 4, Math.floor(at / 20)]).forEach((mm, axis) =>
      sum[axis] += mm
    );
    count++;
  }
  return sum.map((value) => value / count);
}

Deno.test("a report has the attributes of its IOD and the measures by TID 1500", async () => {
  const { files } = await write(dicomSr, upright);
  const attributes = attributesOf(files.get("report.dcm")!);
  assertEquals(missingOf(attributes, REPORT), []);
  const text = JSON.stringify(attributes);
  for (const part of ["Imaging Measurement Report", '"1500"', '"1501"', "118565006", "cm3", "Glioma", "0.875"]) {
    assertStringIncludes(text, part);
  }
  // 8 voxels of 0.8 x 1.3 x 2.5 mm3, in cm3.
  const count = mask.reduce((sum, value) => sum + value, 0);
  assertStringIncludes(text, String(Number((count * 2.6 / 1000).toPrecision(9))));
});

Deno.test("an overlay is a secondary capture that we read back", async () => {
  const { files } = await write(dicomSc, upright);
  const bytes = files.get("overlay.dcm")!;
  assertEquals(missingOf(attributesOf(bytes), SECONDARY_CAPTURE), []);
  assertEquals((await decode(bytes, "overlay.dcm")).shape, [3, 4, 5]);
});

Deno.test("no identity of the source stands in what is written, unless it is kept; pseudonyms agree", async () => {
  const planted = ["PLANTED", "19010203", "20070809", "1.2.840.9."];
  const studies = new Set<string>();
  for (const writer of [dicomSeg, dicomSr, dicomSc]) {
    const [bytes] = (await write(writer, upright)).files.values();
    const text = new TextDecoder("latin1").decode(bytes);
    for (const part of planted) assert(!text.includes(part), `${writer.name} has ${part}`);
    studies.add(JSON.stringify([attributesOf(bytes)["0020000D"], attributesOf(bytes)["00100020"]]));
    const [kept] = (await write(writer, upright, true)).files.values();
    const own = attributesOf(kept);
    assertEquals(own["00100010"].Value, [{ Alphabetic: "PLANTED^NAME" }]);
    assertEquals(own["0020000D"].Value, ["1.2.840.9.77"]);
  }
  assertEquals(studies.size, 1);
});

Deno.test("a kept segmentation refers to its source slice by slice", async () => {
  const { files } = await write(dicomSeg, upright, true);
  const attributes = attributesOf(files.get("segmentation.dcm")!);
  const text = JSON.stringify(attributes);
  for (const uid of [...header.instances!, "1.2.840.9.88", "1.2.840.9.99"]) assertStringIncludes(text, uid);
  const frames = attributes["52009230"].Value as readonly Attributes[];
  assertEquals(frames.map((frame) => JSON.stringify(frame["00089124"]).match(/1\.2\.840\.9\.\d/)?.[0]), [
    ...header.instances!,
  ]);
});

Deno.test("without a place no segmentation is written, and that is said", async () => {
  const { files, warnings } = await write(dicomSeg, unknownGeometry(3));
  assertEquals(files.size, 0);
  assertStringIncludes(warnings[0], "The place of the mask is not known");
});

Deno.test("of several labels each is a segmentation of its own, with its name", async () => {
  const data = mask.map((value, at) => value * (1 + at % 2));
  const { files } = await write(dicomSeg, upright, false, { names: ["liver", "tumor"], data });
  assertEquals([...files.keys()], ["segmentation-1.dcm", "segmentation-2.dcm"]);
  for (const [at, bytes] of [...files.values()].entries()) {
    const [segment] = attributesOf(bytes)["00620002"].Value as unknown as Attributes[];
    assertEquals(segment["00620005"].Value, [["liver", "tumor"][at]]);
    const { pixels } = await decode(bytes, "a.dcm");
    assertEquals([...pixels].filter((value) => value > 0).length, [...data].filter((value) => value === at + 1).length);
  }
});
