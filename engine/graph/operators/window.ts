/** Attributes that convolutions and pooling share. */
import type { NodeView } from "../operator.ts";

/** Where a window of taps goes over the spatial axes. */
export interface Window {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
}

/** The window of a convolution or pooling, with `auto_pad` resolved for the input's extents. */
export function windowOf(node: NodeView, extents: readonly number[], kernel: readonly number[]): Window {
  const { attributes } = node;
  const ones = kernel.map(() => 1);
  const strides = attributes.numbers("strides", ones);
  const dilations = attributes.numbers("dilations", ones);
  const auto = attributes.text("auto_pad", "NOTSET");
  if (auto === "NOTSET") {
    const pads = attributes.numbers("pads", [...kernel, ...kernel].map(() => 0));
    return { strides, dilations, padsBegin: pads.slice(0, kernel.length), padsEnd: pads.slice(kernel.length) };
  }
  const totals = kernel.map((taps, axis) => {
    if (auto === "VALID") return 0;
    const outputs = Math.ceil(extents[axis] / strides[axis]);
    return Math.max(0, (outputs - 1) * strides[axis] + (taps - 1) * dilations[axis] + 1 - extents[axis]);
  });
  return { strides, dilations, ...splitPads(totals, auto) };
}

/** Pads of stated totals; SAME_UPPER puts the odd one behind, SAME_LOWER before. */
export function splitPads(totals: readonly number[], auto: string): Pick<Window, "padsBegin" | "padsEnd"> {
  const padsBegin = totals.map((total) => auto === "SAME_LOWER" ? Math.ceil(total / 2) : Math.floor(total / 2));
  return { padsBegin, padsEnd: totals.map((total, axis) => total - padsBegin[axis]) };
}
