/** Has the driver's code for pipelines made ahead of their use, by several threads where it isn't in the driver's cache. */

import { plainLimits } from "../device/mod.ts";
import { CodeWorkers } from "./code_workers.ts";
import { type DriverCode, DriverCodes, type MadePipeline, type PipelineSource, take } from "./driver_code.ts";

/** Milliseconds that a submit waits for the one before where that is making code: loading it takes less than this. */
const slowMs = 50;
/** Fewer pipelines than these are done before a Worker has its device. */
const fewest = 3;

/** Where it is noted who makes a code. */
interface Place {
  readonly taken: Int32Array<SharedArrayBuffer>;
  readonly place: number;
}

/** Makes code on a device of this thread, with Workers beside it. */
export class CodesAhead {
  readonly #device: GPUDevice;
  readonly #codes: DriverCodes;
  readonly #workers: CodeWorkers;
  /** The places of all codes so far, by the pipeline and the kinds of its textures. */
  readonly #known = new WeakMap<PipelineSource, Map<string, Place>>();
  /** Names of the pipelines of a source, by the kinds of textures that they are bound to. */
  readonly #pipelines = new WeakMap<PipelineSource, Map<string, string>>();
  /** Whether the driver has made code that wasn't in its cache. */
  #makesCode = false;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#codes = new DriverCodes(device);
    const { features, limits, adapterInfo } = device as GPUDevice & { readonly adapterInfo?: GPUAdapterInfo };
    const name = adapterInfo?.description ?? "";
    this.#workers = new CodeWorkers({ name, features: [...features], limits: plainLimits(limits) });
  }

  /** Begins with pipelines, in the order in which they will be used. Each is then given to `make`. */
  begin(codes: readonly DriverCode[]): CodesUnderWay {
    const left: DriverCode[] = [];
    // Most runs have no new code, and memory that threads share is freed late.
    let taken: Int32Array<SharedArrayBuffer> | undefined;
    const places = new Map<DriverCode, Place>();
    for (const code of codes) {
      let known = this.#known.get(code.source);
      if (known === undefined) this.#known.set(code.source, known = new Map());
      const key = keyOf(code);
      let place = known.get(key);
      if (place === undefined) {
        taken ??= new Int32Array(new SharedArrayBuffer(4 * codes.length));
        known.set(key, place = { taken, place: left.push({ source: code.source, textures: code.textures }) - 1 });
      }
      places.set(code, place);
    }
    const share = (from: number) => {
      this.#makesCode = true;
      if (left.length - from > fewest) this.#workers.share({ codes: left, taken: taken!.subarray(0, left.length) });
    };
    const leave = () => {
      for (const [place, code] of left.entries()) {
        if (take(taken!, place)) this.#known.get(code.source)!.delete(keyOf(code));
      }
    };
    return new CodesUnderWay(this.#device, this.#codes, places, share, leave);
  }

  /**
   * Which pipeline of a source a code belongs to: a name, the same each time. llvmpipe alters a pipeline's shader as it makes
   * code of it, and keys its cache by the shader: what it made next, for textures of another kind, it would not find in
   * another process, which makes it of a shader that it found made. So that has a pipeline of its own.
   */
  pipelineOf(code: DriverCode): string {
    let names = this.#pipelines.get(code.source);
    if (names === undefined) this.#pipelines.set(code.source, names = new Map());
    const key = keyOf(code);
    let name = names.get(key);
    if (name === undefined) names.set(key, name = this.#makesCode && names.size > 0 ? key : "");
    return name;
  }

  /** Resolves when no Worker is at anything. */
  async idle(): Promise<void> {
    await this.#workers.idle();
  }

  /** Ends the Workers, whatever they are at. */
  end(): void {
    this.#workers.end();
  }
}

const keyOf = ({ textures }: DriverCode): string => textures.join(";");

/** Pipelines whose code is being made. */
export class CodesUnderWay {
  readonly #device: GPUDevice;
  readonly #codes: DriverCodes;
  readonly #places: ReadonlyMap<DriverCode, Place>;
  /** Has Workers take part in what is left from a place on. */
  readonly #share: (from: number) => void;
  /** Leaves what nobody has begun to those who need it later. */
  readonly leave: () => void;
  #isShared = false;
  /** The place made last. */
  #last = 0;
  /** Other work may be under way. */
  #isBeside = false;

  constructor(
    device: GPUDevice,
    codes: DriverCodes,
    places: ReadonlyMap<DriverCode, Place>,
    share: (from: number) => void,
    leave: () => void,
  ) {
    this.#device = device;
    this.#codes = codes;
    this.#places = places;
    this.#share = share;
    this.leave = leave;
  }

  /** Makes the code of a pipeline, unless that was done or a Worker is at it. */
  make(pipeline: MadePipeline, code: DriverCode): void {
    const { taken, place } = this.#places.get(code)!;
    if (!take(taken, place)) return;
    if (this.#isBeside) this.#device.queue.submit([]);
    this.#isBeside = false;
    this.#timed(place, () => {
      this.#device.pushErrorScope("validation");
      this.#codes.make(pipeline, code);
      // Of a page that doesn't compile its verdict tells.
      void this.#device.popErrorScope();
    });
    this.#last = place;
  }

  /** Begins other work of the device, which is not what a submit then waits for. */
  beside(begin: () => void): void {
    this.#timed(this.#last, () => this.#device.queue.submit([]));
    begin();
    this.#isBeside = true;
  }

  /** Does what waits for the code that is being made, and shares what is left after `place` where that is long. */
  #timed(place: number, work: () => void): void {
    const begin = performance.now();
    work();
    if (this.#isShared || performance.now() - begin < slowMs) return;
    this.#isShared = true;
    this.#share(place);
  }
}
