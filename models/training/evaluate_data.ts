/** Slices with their truth for `evaluate.ts`, and boxes where no tumor is. */
import { parseCsv } from "../../plugins/acquire/csv.ts";
import { originOf } from "../../plugins/formats/limits.ts";
import { decodePng } from "../../plugins/formats/png/png.ts";
import { randomNumbers } from "../../shaders/mod.ts";

/** Side of the slices in pixels. */
export const side = 256;

/** One slice: gray values, and what is true. */
export interface Slice {
  readonly name: string;
  readonly pixels: Float32Array;
  /** 0 outside, 1 inside the tumor. */
  readonly mask: Uint8Array;
  readonly label: string;
  /** The series that it belongs to. */
  readonly group: string;
}

/** The validation slices of `brain_tumor_t1c`. */
export async function validationSlices(folder: string): Promise<Slice[]> {
  const rows = parseCsv(await Deno.readTextFile(`${folder}/index.csv`)).filter(({ split }) => split === "val");
  return await Promise.all(rows.map(async (row) => {
    const name = `${row.id.padStart(4, "0")}_${row.class}`;
    const [pixels, mask] = await Promise.all(
      ["images", "masks"].map((part) => graySlice(`${folder}/${part}/${name}.png`)),
    );
    return {
      name,
      pixels,
      mask: Uint8Array.from(mask, (value) => value > 0 ? 1 : 0),
      label: row.class,
      group: row.series,
    };
  }));
}

/** Slices without a tumor, from PNG files `HEAD-NUMBER.png`. */
export async function healthySlices(folder: string): Promise<Slice[]> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".png")).sort();
  return await Promise.all(names.map(async (name) => ({
    name,
    pixels: await graySlice(`${folder}/${name}`),
    mask: new Uint8Array(side * side),
    label: "none",
    group: name.replace(/-\d+\.png$/, ""),
  })));
}

/** A gray picture of 256x256 pixels as values from 0 to 255. */
export async function graySlice(path: string): Promise<Float32Array> {
  const { pixels, shape } = decodePng(await Deno.readFile(path), originOf(path));
  if (shape.join() !== `1,${side},${side}`) throw new Error(`${path} is of [${shape}]`);
  return Float32Array.from(pixels);
}

/** A box: x0, y0, x1, y1 in pixels, upper bounds exclusive. */
export type Box = readonly [number, number, number, number];

/** The box of a mask; nothing where it is empty. */
export function boxOf(mask: ArrayLike<number>): Box | undefined {
  let [x0, y0, x1, y1] = [side, side, 0, 0];
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 0) continue;
    const [x, y] = [at % side, Math.floor(at / side)];
    [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x + 1), Math.max(y1, y + 1)];
  }
  return x1 > x0 ? [x0, y0, x1, y1] : undefined;
}

/** A box of each slice on tissue, of the size of another slice's tumor, apart from its own: as the trainings draw them. */
export function otherTissue(slices: readonly Slice[]): (Box | undefined)[] {
  const next = randomNumbers(11);
  const boxes = slices.map(({ mask }) => boxOf(mask));
  return slices.map(({ pixels, mask }) => {
    const [x0, y0, x1, y1] = boxes[Math.floor(next() * boxes.length)] ?? [0, 0, 32, 32];
    const length = Math.round(Math.min(Math.max(4, Math.max(x1 - x0, y1 - y0)), side / 3));
    for (let turn = 0; turn < 40; turn++) {
      const [left, top] = [Math.floor(next() * (side - length)), Math.floor(next() * (side - length))];
      let [tissue, lesion] = [0, 0];
      for (let y = top; y < top + length; y++) {
        for (let x = left; x < left + length; x++) {
          if (pixels[y * side + x] > 25) tissue++;
          if (mask[y * side + x] > 0) lesion++;
        }
      }
      if (lesion === 0 && tissue >= 0.7 * length ** 2) return [left, top, left + length, top + length];
    }
    return undefined;
  });
}

/** The box of the largest region above a low probability that touches no tumor: what a segmentation might take for one. */
export function suspicious(probability: ArrayLike<number>, { mask }: Slice, at = 0.05): Box | undefined {
  const seen = new Uint8Array(side * side);
  let best: { count: number; box: Box } | undefined;
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] || probability[start] < at) continue;
    const stack = [start];
    seen[start] = 1;
    let [count, touches] = [0, false];
    let [x0, y0, x1, y1] = [side, side, 0, 0];
    while (stack.length > 0) {
      const p = stack.pop()!;
      const [x, y] = [p % side, Math.floor(p / side)];
      count++;
      touches ||= mask[p] > 0;
      [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x + 1), Math.max(y1, y + 1)];
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        const [nx, ny] = [x + dx, y + dy];
        const q = ny * side + nx;
        if (nx < 0 || ny < 0 || nx >= side || ny >= side || seen[q] || probability[q] < at) continue;
        seen[q] = 1;
        stack.push(q);
      }
    }
    if (!touches && count >= 25 && count > (best?.count ?? 0)) best = { count, box: [x0, y0, x1, y1] };
  }
  return best?.box;
}
