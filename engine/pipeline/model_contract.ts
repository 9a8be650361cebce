/** What a model says of itself in its `model.json`. */
import type { MadeFor } from "./model_claims.ts";
import type { Net } from "./pipeline_engine.ts";

/**
 * The contract of a model as its `model.json` states it. Further fields that a kind of model needs have their own
 * names.
 */
export interface ModelContract {
  /** Name for people and reports. */
  readonly name: string;
  /** What the model does, such as `segmentation` or `classification`. */
  readonly task: string;
  /** SHA-256 of `model.onnx`, in hexadecimal. */
  readonly sha256?: string;
  /** Further files beside the model's, by their names: networks of the same training, such as the folds of a cross-validation. */
  readonly folds?: readonly { readonly file: string; readonly sha256?: string }[];
  /** The images that it was made for; none where it takes any. */
  readonly madeFor?: MadeFor;
  /** The input that it expects. */
  readonly input: ModelInput;
  /** Names of the classes, in the order of the output's channels. */
  readonly classes: readonly string[];
  /** Fields that a kind of model needs besides. */
  readonly [field: string]: unknown;
}

/** The input that a model expects. */
export interface ModelInput {
  /** Name of the network's input. */
  readonly name: string;
  /** Channels of the input. */
  readonly channels: number;
  /** Size in pixels, in the order of the axes. */
  readonly size: readonly number[];
  /** Spacing in millimeters, in the order of the axes; none where the model takes any. */
  readonly spacingMm?: readonly number[];
  /** Fields that a kind of model needs besides. */
  readonly [field: string]: unknown;
}

/** A model that a stage has asked for: the network and what its `model.json` says. */
export interface LoadedModel {
  /** The network. */
  readonly net: Net;
  /** Further networks of the same training, whose answers are averaged with its own: those that `folds` of `model.json` names. */
  readonly folds: readonly Net[];
  /** What `model.json` says about it. */
  readonly contract: ModelContract;
}

/** What a model must give. */
export interface ModelOutput {
  /** Name of the output. */
  readonly output: string;
  /** Its shape without the batch. */
  readonly shape: readonly number[];
  /** Where the shape comes from, for messages. */
  readonly why: string;
}
