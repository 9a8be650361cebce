/** How a volume's axes are put in the order and direction in which a network was trained. */
import { type Geometry, type Plane, slicingOf } from "../../engine/pipeline/mod.ts";
import { nn, type Recorder, type Value } from "../../shaders/mod.ts";

/** The volume's axis (0 D, 1 H, 2 W) for each axis of the network's grid, and which of these run the other way. */
export interface Turning {
  readonly axes: readonly number[];
  readonly flipped: readonly boolean[];
}

/** The slices of a plane one after the other, each as it is looked at; without a plane the volume's own slices. */
export function sliceTurning(geometry: Geometry, plane: Plane | "any"): Turning & { readonly plane: Plane } {
  const { axes, flipped, plane: found } = slicingOf(geometry, plane === "any" ? undefined : plane);
  return { axes, flipped: [false, ...flipped], plane: found };
}

/** The axes by letters, such as `SAR`, or else in an order of the volume's own. */
export function axesTurning(geometry: Geometry, axes: string | undefined, order: readonly number[]): Turning {
  if (axes === undefined) return { axes: order, flipped: [false, false, false] };
  // What an axial slicing makes of the volume goes to the head, the back and the left.
  const upright = slicingOf(geometry, "axial");
  const ends = [geometry.affine[8 + 2 - upright.axes[0]] < 0, ...upright.flipped];
  const found = [...axes].map((letter) => {
    const at = ["SI", "PA", "LR"].findIndex((pair) => pair.includes(letter));
    return { axis: upright.axes[at], flip: ends[at] !== ["I", "A", "R"].includes(letter) };
  });
  return { axes: found.map(({ axis }) => axis), flipped: found.map(({ flip }) => flip) };
}

/** A volume `[D, H, W]` with the network's axes. */
export function turned(r: Recorder, volume: Value, { axes, flipped }: Turning): Value {
  return flippedAlong(r, permuted(r, volume, axes), flipped);
}

/** The way back, of maps `[1, C, ...]` with the network's axes. */
export function turnedBack(r: Recorder, maps: Value, { axes, flipped }: Turning): Value {
  const back = [0, 1, 2].map((axis) => 2 + axes.indexOf(axis));
  return permuted(r, flippedAlong(r, maps, [false, false, ...flipped]), [0, 1, ...back]);
}

/** The same with axes in another order. */
export function permuted(r: Recorder, value: Value, permutation: readonly number[]): Value {
  const isSame = permutation.every((axis, at) => axis === at);
  return isSame ? value : r.apply(nn.transpose, [value], { permutation })[0];
}

/** The same with some axes running the other way. */
export function flippedAlong(r: Recorder, value: Value, flipped: readonly boolean[]): Value {
  if (!flipped.includes(true)) return value;
  return r.apply(nn.slice, [value], {
    starts: value.shape.map((size, axis) => flipped[axis] ? Math.max(0, size - 1) : 0),
    steps: value.shape.map((_, axis) => flipped[axis] ? -1 : 1),
    sizes: value.shape,
  })[0];
}
