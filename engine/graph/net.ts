import type { Recorder, Spec, Value } from "../../shaders/mod.ts";
import type { WaitOptions } from "../kernel/mod.ts";
import type { Tensor } from "../memory/mod.ts";
import { ModelError } from "../errors.ts";
import type { ValueInfo } from "./model.ts";
import type { FeedShapes } from "./warm.ts";

/** What a network is made of, for feeds of one set of shapes. */
export interface NetReport {
  /** Number of canonical operations by name. */
  readonly operations: Readonly<Record<string, number>>;
  /** Number of operations by name and form (`convolution/tiles`), where an operation has several forms. */
  readonly forms: Readonly<Record<string, number>>;
  /** What a recording consists of. */
  readonly plan: {
    /** Canonical operations. */
    readonly operations: number;
    /** Changes of shape, which cost nothing or a change of layout. */
    readonly reshapes: number;
    /** Bytes of weights and tables on the device, as uploaded. */
    readonly constantBytes: number;
  };
  /** Multiply-adds in convolutions and matrix products. */
  readonly macs: number;
  /** Readbacks that one `run` waits for: 0 unless shapes depend on elements. */
  readonly readbacks: number;
  /** What each of them reads, in order. */
  readonly reads: readonly ReadReport[];
}

/** One readback of a network whose shapes depend on elements. */
export interface ReadReport {
  /** The nodes whose results are counted there, and those that need other elements. */
  readonly nodes: readonly string[];
  /** Bytes that the host needs. */
  readonly bytes: number;
}

/** A network that is ready to run. Release its weights with `close()` or `using`. */
export interface Net extends Disposable {
  /** What `run` takes. A dimension given as text depends on the feeds. */
  readonly inputs: readonly ValueInfo[];
  /** What `run` gives. */
  readonly outputs: readonly ValueInfo[];
  /**
   * Records the network as part of a run: values by the names of `inputs` to values by the names of `outputs`. Throws an
   * `UnsupportedError` for a network whose shapes depend on elements, which only `run` can do.
   */
  record(r: Recorder, feeds: Readonly<Record<string, Value>>): Record<string, Value>;
  /**
   * Runs the network: tensors by name to tensors by name, which the caller owns. Calls may overlap. A signal ends the run
   * before its next segment.
   */
  run(feeds: Readonly<Record<string, Tensor>>, options?: WaitOptions): Promise<Record<string, Tensor>>;
  /**
   * Records the network and compiles its pipelines, up to the first readback that its shapes depend on, without running it.
   * Other work of the thread has its turn in between. `shapes` are needed for inputs whose dimensions the model leaves open.
   */
  compile(shapes?: FeedShapes, options?: WaitOptions): Promise<void>;
  /**
   * Compiles and runs the network once on zeros and waits for the device, so that the first real run takes no longer
   * than others. `shapes` are needed for inputs whose dimensions the model leaves open.
   */
  warm(shapes?: FeedShapes, options?: WaitOptions): Promise<void>;
  /** What the network consists of, for the feeds of its last run. */
  report(): NetReport;
  /** Releases the weights. */
  close(): void;
}

/** Throws a `ModelError` unless the feeds have the names, types and shapes that a network states. */
export function checkFeeds(name: string, inputs: readonly ValueInfo[], feeds: Readonly<Record<string, Spec>>): void {
  const extents = new Map<string, number>();
  for (const input of inputs) {
    const feed = feeds[input.name];
    if (feed === undefined) {
      throw new ModelError(
        `${name} needs an input "${input.name}" (${input.dtype} [${input.shape}]), but it isn't given`,
      );
    }
    const shapeFits = input.anyShape || (feed.shape.length === input.shape.length &&
      input.shape.every((extent, axis) => typeof extent === "string" || extent === feed.shape[axis]));
    if (feed.dtype !== input.dtype || !shapeFits) {
      throw new ModelError(
        `${name} takes ${input.dtype} [${input.shape}] as its input "${input.name}", ` +
          `but ${feed.dtype} [${feed.shape}] is given`,
      );
    }
    for (const [axis, extent] of input.shape.entries()) {
      if (typeof extent !== "string") continue;
      const known = extents.get(extent) ?? feed.shape[axis];
      if (known !== feed.shape[axis]) {
        throw new ModelError(`${name} wants one ${extent} in all inputs, but it is ${known} and ${feed.shape[axis]}`);
      }
      extents.set(extent, known);
    }
  }
  const stray = Object.keys(feeds).find((key) => !inputs.some((input) => input.name === key));
  if (stray !== undefined) {
    throw new ModelError(`${name} has no input "${stray}": it has ${inputs.map((input) => input.name).join(", ")}`);
  }
}
