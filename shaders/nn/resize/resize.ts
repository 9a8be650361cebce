import type { Then } from "../then.ts";

/** Where an output position lies in the input; the names are those of ONNX. */
export type ResizeCoordinates =
  | "half_pixel"
  | "half_pixel_symmetric"
  | "pytorch_half_pixel"
  | "asymmetric"
  | "align_corners";

/** Options of a resizing. Lists have one entry an axis (all axes). */
export interface ResizeOptions {
  /** Size of the result. Default `floor(size * scale)`. */
  readonly sizes?: readonly number[];
  /** Factor of an axis. Default: result's size / input's size. */
  readonly scales?: readonly number[];
  /** Default nearest. */
  readonly mode: "nearest" | "linear";
  /** Default half_pixel. */
  readonly coordinates: ResizeCoordinates;
  /** Which neighbor the mode nearest takes. Default round_prefer_floor. */
  readonly nearestMode: "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil";
  /** What happens to the result before it is stored. */
  readonly then: Then;
}
