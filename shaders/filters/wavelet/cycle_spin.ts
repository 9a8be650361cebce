import { definePage, type Page, type Recorder, type Value } from "../../contract.ts";
import { tiles as tilesLib } from "../../lib/mod.ts";
import { specOf } from "../dwt/bands.ts";
import { countAlong, type Extents } from "../extents.ts";
import { groupsOver } from "../tiles.ts";
import rollAddText from "./roll_add.wgsl" with { type: "text" };

const rollAddPage: Page = definePage({
  name: "roll_add",
  file: import.meta.resolve("./roll_add.wgsl"),
  text: rollAddText,
  libs: [tilesLib],
  bindings: [
    { name: "image", access: "read", layout: "rows4" },
    { name: "base", access: "read", layout: "rows4" },
    { name: "result", access: "write", layout: "rows4" },
  ],
});

/** Records the mean of what `filter` makes of an image over all circular shifts of 0 to `most` pixels along every axis. */
export function recordSpins(
  r: Recorder,
  image: Value,
  extents: Extents,
  most: number,
  filter: (image: Value) => Value,
): Value {
  if (most === 0) return filter(image);
  const side = most + 1;
  const shifts = side ** extents.axes.length;
  let sum: Value | null = null;
  for (let number = 0; number < shifts; number++) {
    const steps = extents.axes.map((_, axis) => Math.floor(number / side ** axis) % side);
    const shifted = number === 0 ? image : rollAdd(r, image, null, extents, steps, 1);
    sum = rollAdd(r, filter(shifted), sum, extents, steps.map((step) => -step), 1 / shifts);
  }
  return sum!;
}

/** `base`, or nothing, plus `scale` times an image shifted around its borders: pixel p goes to `p + step`. */
function rollAdd(
  r: Recorder,
  image: Value,
  base: Value | null,
  extents: Extents,
  steps: readonly number[],
  scale: number,
): Value {
  const { channels, depth, height, width, axes } = extents;
  const step = { x: 0, y: 0, z: 0 };
  axes.forEach((axis, index) => {
    const count = countAlong(extents, axis);
    step[axis] = ((steps[index] % count) + count) % count;
  });
  const result = r.temporary(specOf(extents));
  const layers = channels * depth;
  const { shift, groups } = groupsOver(Math.ceil(width / 4), height);
  r.dispatch(rollAddPage, {
    bind: { image, base, result },
    params: { size: [width, height, depth], scale, steps: [step.x, step.y, step.z], shift },
    overrides: { ADDS: Number(base !== null) },
    groups: [...groups, layers],
    iterations: 0,
    slab: step.z === 0 ? { layers, halo: 0, groups: (count) => [...groups, count] } : undefined,
  });
  return result;
}
