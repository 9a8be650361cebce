/**
 * Writes phantom slices for the trainers: `images.npy` and `masks.npy` ([N, 256, 256], uint8; intensities as in
 * `brain_tumor_t1c`, the 99.9th percentile at 255) and `labels.npy` ([N], uint8: meningioma, glioma, pituitary, none).
 *
 *     deno run --allow-write phantoms.ts OUT [FIRST_SEED=1000] [STUDIES=120]
 */
import { type PhantomSlice, phantomStudy } from "../../plugins/demonstration/phantom.ts";

const LABELS = ["meningioma", "glioma", "pituitary"];
const NONE = 3;
const SIZE = 256;

function toBytes(slice: PhantomSlice): Uint8Array {
  const sorted = slice.pixels.slice().sort();
  const bright = sorted[Math.floor(sorted.length * 0.999)];
  return Uint8Array.from(slice.pixels, (value) => Math.min(255, Math.round(value / bright * 255)));
}

function writeNpy(path: string, shape: number[], parts: Uint8Array[]): void {
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const dictionary = `{'descr': '|u1', 'fortran_order': False, 'shape': ${tuple}, }`;
  const header = dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11) + "\n";
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  const start = [0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 255, header.length >> 8];
  for (const part of [Uint8Array.from(start), new TextEncoder().encode(header), ...parts]) {
    for (let written = 0; written < part.length;) written += file.writeSync(part.subarray(written));
  }
}

const [out, first = "1000", studies = "120"] = Deno.args;
if (!out) throw new Error("usage: phantoms.ts OUT [FIRST_SEED] [STUDIES]");
const images: Uint8Array[] = [];
const masks: Uint8Array[] = [];
const labels: number[] = [];
for (let seed = Number(first); seed < Number(first) + Number(studies); seed++) {
  const study = phantomStudy({ seed, size: SIZE });
  for (const slice of study.slices) {
    images.push(toBytes(slice));
    masks.push(slice.mask);
    labels.push(slice.mask.includes(1) ? LABELS.indexOf(study.kind) : NONE);
  }
}
Deno.mkdirSync(out, { recursive: true });
writeNpy(`${out}/images.npy`, [images.length, SIZE, SIZE], images);
writeNpy(`${out}/masks.npy`, [masks.length, SIZE, SIZE], masks);
writeNpy(`${out}/labels.npy`, [labels.length], [Uint8Array.from(labels)]);
console.log(`${images.length} slices of ${studies} studies, seeds from ${first}`);
