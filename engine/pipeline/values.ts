/** The values of a case: what goes from stage to stage, and where it lies. */
import type { Geometry } from "./geometry.ts";
import type { HostCopy, Tensor } from "./pipeline_engine.ts";

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** A tensor of pixels, and where these lie in the patient. A stage that resamples or crops gives another geometry. */
export interface Placed<T = Tensor> {
  /** The elements. */
  readonly tensor: T;
  /** Where the pixels lie. */
  readonly geometry: Geometry;
}

/** What a source knows about a case besides its pixels: plain data, never written to the results unchanged. */
export interface Header {
  /** The format that the pixels were read from, such as `dicom` or `nifti`. */
  readonly format: string;
  /** DICOM's name of the modality, such as `MR` or `CT`, where it is known. */
  readonly modality?: string;
  /** SOPInstanceUIDs of the slices that a volume was made of, in their order. */
  readonly instances?: readonly string[];
  /** The attributes of a DICOM file without its pixels, in the DICOM JSON Model (PS3.18, annex F). */
  readonly attributes?: Readonly<Record<string, Json>>;
}

/** What is known to be true of a case. */
export interface Truth {
  /** 0 outside, 1 inside: `[H, W]` or `[D, H, W]`. */
  readonly mask?: Placed<HostCopy>;
  /** Name of the class; `none` where there is nothing to find. */
  readonly class?: string;
  /** What the cases of one patient or one series share: they count as one sample in confidence intervals. */
  readonly group?: string;
}

/** A mask, and the meaning of its numbers from 1 on. */
export interface Labeled<T = Tensor> extends Placed<T> {
  /** Names of the labels 1, 2 and so on; none where there is a single unnamed one. */
  readonly labels?: readonly string[];
  /** Colors of the labels 1, 2 and so on, `#rrggbb`, where the model states them. */
  readonly colors?: readonly (string | undefined)[];
}

/** Which values of an image were not measured. */
export interface Padding<T = Tensor> {
  /** Of the original's shape: 1 where a value was measured, else 0. */
  readonly valid: T;
  /** The least measured value. */
  readonly least: number;
  /** The greatest measured value. */
  readonly greatest: number;
}

/** Boxes, and in a volume the slice of each. */
export interface Boxes<T = Tensor> extends Placed<T> {
  /** `[N]` f32: which slice `[H, W]` of a volume the box of that number lies in; none in an image. */
  readonly slices?: T;
}

/** Findings of a case as `case.json` and `run.json` hold them. Given measures are merged with the earlier ones. */
export type Measures = Readonly<Record<string, Json>>;

/** Probabilities by class: `probabilities` is `[N, K]`, a row for each crop. */
export interface Classes<T = Tensor> {
  /** Names of the classes, in the order of the columns. */
  readonly labels: readonly string[];
  /** `[N, K]`, each row sums to 1. */
  readonly probabilities: T;
}

/**
 * The values of a case; `T` is `Tensor` on the device and `HostCopy` after a readback.
 * Images are `[C, H, W]` or `[C, D, H, W]`.
 */
export interface Values<T = Tensor> {
  /** The pixels as they were stored, rescaled to their unit. */
  original: Placed<T>;
  /** The current image. */
  image: Placed<T>;
  /** `[H, W]` or `[D, H, W]`: 1 where something was found, else 0; with several labels 1, 2 and so on. */
  mask: Labeled<T>;
  /** `[N, 4]` f32: x0, y0, x1, y1 in pixels of the grid that `geometry` states, upper bounds exclusive. x1 <= x0 is no detection. */
  boxes: Boxes<T>;
  /** `[N, 1, h, w]`: what the boxes hold. `geometry` is that of the boxes; `geometryOfBox` gives a crop's own. */
  crops: Placed<T>;
  /** Probabilities by class. */
  classes: Classes<T>;
  /** `[K, H, W]` or `[K, D, H, W]`: maps that explain a result, such as probabilities. */
  maps: Placed<T>;
  /** Where values of the original were not measured; none where all were. */
  padding: Padding<T>;
  /** What the source knows besides the pixels; always on the host. */
  header: Header;
  /** What is known to be true; always on the host. */
  truth: Truth;
  /**
   * Flags of loops on the device that stop at a bound, by the message with which the case fails if the last element
   * isn't 0. They are read with the case's readback.
   */
  checks: Readonly<Record<string, T>>;
  /** Findings; always on the host. */
  measures: Measures;
}

/** Name of a value that a plugin declares in its `keys`: the plugin's name, a dot, the value's name. */
export type OwnKey = `${string}.${string}`;

/** Name of a value of a case. */
export type Key = keyof Values | OwnKey;

/** A plugin's own value: a tensor, a tensor with its geometry, or a record of tensors and plain data. */
export type OwnValue<T = Tensor> = T | Placed<T> | Json | Readonly<Record<string, T | Json | undefined>>;

/** The value of a name. */
export type ValueOf<K extends Key, T = Tensor> = K extends keyof Values ? Values<T>[K] : OwnValue<T>;

/** Values by name. */
export type ValuesOf<K extends Key, T = Tensor> = { readonly [N in K]: ValueOf<N, T> };

/** Some values by name. */
export type SomeValues<T = Tensor> = Partial<ValuesOf<Key, T>>;

/** Whether a value has pixels that lie somewhere. */
export function isPlaced<T>(value: unknown): value is Placed<T> {
  return typeof value === "object" && value !== null && "tensor" in value && "geometry" in value;
}
