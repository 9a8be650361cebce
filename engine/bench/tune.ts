/** Measures forms and tile sizes of operations on the shapes that rows have, for the table that these are then chosen by. */

import type { Call, Facts, Operation, Recorder, Spec, Value } from "../../shaders/contract.ts";
import { shapeClass, type Variant, variantOf, variantsOf } from "../../shaders/forms.ts";
import { filters } from "../../shaders/mod.ts";
import type { Engine } from "../mod.ts";
import { type Sample, Stopwatch } from "./measure.ts";
import { noise } from "./noise.ts";
import type { BenchRow } from "./rows.ts";
import { leastGain, medianOf, ratioOf } from "./statistics.ts";

/** What was measured of one class of shapes. */
export interface TunedClass {
  /** The class, as tables name it. */
  readonly name: string;
  /** The variant (a form with its tile sizes) that would be taken without a table. */
  readonly chosen: string;
  /** The fastest one, where it is faster beyond doubt, else `chosen`. */
  readonly best: string;
  /** Median milliseconds of each variant, of CPU time per core where processors are the device. */
  readonly ms: Readonly<Record<string, number>>;
}

/** How to tune. */
export interface TuneOptions {
  /** Samples of each variant, at least 3. Default 5. */
  readonly rounds?: number;
  /** Told each class as soon as it is measured, and waited for. */
  readonly onClass?: (result: TunedClass) => void | Promise<void>;
}

/** An operation as a row applies it. */
interface Applied {
  readonly operation: Operation<unknown>;
  readonly inputs: readonly Spec[];
  readonly options: unknown;
}

/** A variant that is so many times slower at its first sample is not sampled again. */
const hopeless = 3;
/**
 * The variants of the filters and of the networks' bulk (products and convolutions) in the rows that are faster than what
 * would be chosen, by class of shapes. Rows whose work depends on values read back are left out.
 */
export async function tune(
  engine: Engine,
  rows: readonly BenchRow[],
  { rounds = 5, onClass }: TuneOptions = {},
): Promise<Record<string, string>> {
  const table: Record<string, string> = {};
  const seen = new Set<string>();
  for (const row of rows) {
    for (const applied of await appliedIn(engine, row)) {
      const name = shapeClass(applied.operation.name, applied.inputs, applied.options);
      if (seen.has(name)) continue;
      seen.add(name);
      const result = await measureVariants(engine, name, applied, rounds);
      if (result === undefined) continue;
      if (result.best !== result.chosen) table[name] = result.best;
      await onClass?.(result);
    }
  }
  return table;
}

const tunedFilters = new Set<unknown>(Object.values(filters));

const isTuned = ({ operation, inputs }: Applied): boolean =>
  (operation.bulk === true || tunedFilters.has(operation)) && operation.forms !== undefined &&
  inputs.every(({ dtype }) => dtype === "f32");

async function appliedIn(engine: Engine, row: BenchRow): Promise<Applied[]> {
  await using prepared = await row.prepare(engine);
  if (!("record" in prepared)) return [];
  const { record } = prepared;
  const heard: Applied[] = [];
  const result = engine.run((r) => record(new Listener(r, heard)));
  result.dispose();
  return heard.filter(isTuned);
}

/** Times the variants that can compute something here, in turn; nothing where there is but one. */
async function measureVariants(
  engine: Engine,
  name: string,
  { operation, inputs, options }: Applied,
  rounds: number,
): Promise<TunedClass | undefined> {
  const serving = variantsOf(operation, inputs, options, engine.facts);
  if (serving.length < 2) return undefined;
  const chosen = variantOf(operation, inputs, options, { ...engine.facts, tuned: undefined }).name;
  const tensors = inputs.map(({ shape }, index) => engine.tensor(noise(shape, index + 1), shape));
  const taken = ({ ms, cpuMs }: Sample) => engine.facts.adapter === "gpu" ? ms : cpuMs;
  try {
    const contenders: { name: string; watch: Stopwatch; samples: number[] }[] = [];
    for (const variant of serving) {
      const record = (r: Recorder) => recordAs(r, operation, variant, tensors, options);
      contenders.push({ name: variant.name, watch: await Stopwatch.of(engine, { record }), samples: [] });
    }
    for (let round = 0; round < rounds; round++) {
      const least = Math.min(...contenders.flatMap(({ samples }) => samples));
      for (const { watch, samples } of contenders) {
        if (round > 0 && samples[0] > hopeless * least) continue;
        samples.push(taken(await watch.sample()));
      }
    }
    const own = contenders.find(({ name }) => name === chosen)!;
    const [first] = contenders.toSorted((a, b) => medianOf(a.samples) - medianOf(b.samples));
    const seemsFaster = first !== own && ratioOf(own.samples, first.samples).interval[0] > leastGain;
    const isFaster = seemsFaster && await holds(own.watch, first.watch, rounds, taken);
    return {
      name,
      chosen,
      best: isFaster ? first.name : chosen,
      ms: Object.fromEntries(contenders.map(({ name, samples }) => [name, medianOf(samples)])),
    };
  } finally {
    tensors.forEach((tensor) => tensor.dispose());
  }
}

/**
 * Whether a second measurement of the two alone finds the gain again: the fastest of many is often the one that the machine
 * disturbed the least.
 */
async function holds(
  own: Stopwatch,
  other: Stopwatch,
  rounds: number,
  taken: (sample: Sample) => number,
): Promise<boolean> {
  const samples: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    // Each goes first in turn.
    for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
      samples[index].push(taken(await [own, other][index].sample()));
    }
  }
  return ratioOf(samples[0], samples[1]).interval[0] > leastGain;
}

function recordAs(
  r: Recorder,
  operation: Operation<unknown>,
  { form, tune }: Variant,
  inputs: readonly Value[],
  options: unknown,
): Value {
  return operation.record(r, inputs, options, form, tune)[0];
}

/** Records as another recorder does, and notes what is applied. */
class Listener implements Recorder {
  readonly facts: Facts;
  readonly #recorder: Recorder;
  readonly #heard: Applied[];

  constructor(recorder: Recorder, heard: Applied[]) {
    this.facts = recorder.facts;
    this.#recorder = recorder;
    this.#heard = heard;
  }

  apply<O>(operation: Operation<O>, inputs: readonly Value[], options: Partial<O>): Value[] {
    const specs = inputs.map(({ dtype, shape }): Spec => ({ dtype, shape }));
    this.#heard.push({
      operation: operation as Operation<unknown>,
      inputs: specs,
      options: operation.options.parse(options),
    });
    return this.#recorder.apply(operation, inputs, options);
  }

  dispatch(...call: [page: Parameters<Recorder["dispatch"]>[0], call: Call]): void {
    this.#recorder.dispatch(...call);
  }

  temporary(spec: Spec): Value {
    return this.#recorder.temporary(spec);
  }

  constant(...constant: Parameters<Recorder["constant"]>): Value {
    return this.#recorder.constant(...constant);
  }

  reshape(value: Value, shape: readonly number[]): Value {
    return this.#recorder.reshape(value, shape);
  }

  derived(source: Value, key: string, make: (source: Value) => Value): Value {
    return this.#recorder.derived(source, key, make);
  }
}
