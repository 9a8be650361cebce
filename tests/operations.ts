/** What the tests of all operations share: device arrays of host tensors, comparison with a twin, the pages in use. */
import type { HostArray } from "../engine/mod.ts";
import { RecordedValue, Recording } from "../engine/kernel/mod.ts";
import type { DispatchStep } from "../engine/kernel/recording.ts";
import { variantsOf } from "../shaders/forms.ts";
import {
  type Case,
  type DType,
  type Facts,
  type HostTensor,
  type Operation,
  operations,
  type Page,
  type Spec,
  type Value,
} from "../shaders/mod.ts";
import { sizeOf } from "../shaders/shape.ts";

/** The elements of a host tensor as the engine takes them. */
export function hostArray({ dtype, data }: HostTensor): HostArray {
  const makers: Record<DType, () => HostArray> = {
    f32: () => Float32Array.from(data),
    f16: () => Float32Array.from(data),
    f64: () => Float64Array.from(data),
    u64: () => BigUint64Array.from(data, BigInt),
    i64: () => BigInt64Array.from(data, BigInt),
    i32: () => Int32Array.from(data),
    u32: () => Uint32Array.from(data),
    i16: () => Int16Array.from(data),
    u16: () => Uint16Array.from(data),
    i8: () => Int8Array.from(data),
    u8: () => Uint8Array.from(data),
    bool: () => Uint8Array.from(data),
  };
  return makers[dtype]();
}

/**
 * Greatest `|device - twin|` as a part of the output's greatest magnitude, or of each element's own (see the `bound` of an
 * operation). Equal infinities differ by 0, NaN from all else.
 */
export function relativeError(
  actual: HostArray,
  expected: HostTensor,
  scale: Operation<unknown>["scale"] = "output",
): number {
  const whole = greatest(expected.data) || 1;
  let error = 0;
  expected.data.forEach((value, index) => {
    const found = Number(actual[index]);
    if (Object.is(found, value) || found === value) return;
    const difference = Math.abs(found - value);
    const part = difference / (scale === "output" ? whole : Math.abs(value) || 1);
    error = Number.isNaN(part) ? Infinity : Math.max(error, part);
  });
  return error;
}

function greatest(data: Float64Array): number {
  return data.reduce((most, value) => Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most, 0);
}

/** A device as far as forms are chosen by it: one with the least limits and every optional feature. */
const facts: Facts = {
  adapter: "swiftshader",
  subgroupSize: 8,
  f16: true,
  mappableBuffers: true,
  maxInvocationsPerWorkgroup: 256,
  maxWorkgroupStorageBytes: 16384,
  maxTextureSize: 8192,
  maxTextureLayers: 2048,
};

/** Every page that the cases of all operations dispatch in any form, by name; conversions of layouts included. */
export function pagesInUse(): Map<string, Page> {
  const pages = new Map<string, Page>();
  for (const { operation, cases } of operations) {
    for (const form of formsOf(operation, facts)) {
      for (const test of cases) {
        for (const { page } of dispatches(operation, test, form, facts)) pages.set(page.name, page);
      }
    }
  }
  return pages;
}

/** One case in one form, by name where there are several. */
export interface Run {
  readonly test: Case<unknown>;
  readonly form: string | undefined;
}

/** Each so many cases run with a form's other tile sizes, too. */
const tunedEvery = 12;

/**
 * Every case in each form that a device can run, and some in its other tile sizes; once where forms record the same, as
 * where one gives way to another.
 */
export function runsOf(operation: Operation<unknown>, cases: readonly Case<unknown>[], facts: Facts): Run[] {
  const seen = new Set<string>();
  const runs = formsOf(operation, facts).flatMap((form) => cases.map((test) => ({ test, form })));
  const tuned = cases.filter((_, index) => index % tunedEvery === 0).flatMap((test) => {
    const inputs = test.inputs();
    const options = operation.options.parse(test.options);
    const names = variantsOf(operation, inputs, options, facts).map(({ name }) => name);
    return names.filter((name) => name.includes(" ")).map((form) => ({ test, form }));
  });
  return [...runs, ...tuned].filter(({ test, form }) =>
    isNew(seen, test.name + contents(dispatches(operation, test, form, facts)))
  );
}

/** Rows of images that are left out by {@linkcode alikeForms}: all their pixels are at a border, where forms share pages. */
const narrow = 12;

/** The cases, but those of narrow images, for which two forms that serve record the same. */
export function alikeForms(operation: Operation<unknown>, cases: readonly Case<unknown>[]): string[] {
  return cases.flatMap((test) => {
    const inputs = test.inputs();
    if ((inputs[0]?.shape.at(-1) ?? 0) < narrow) return [];
    const options = operation.options.parse(test.options);
    const seen = new Map<string, string>();
    return variantsOf(operation, inputs, options, facts).filter(({ name, form }) => name === form).flatMap(
      ({ form }) => {
        const steps = dispatches(operation, test, form, facts);
        const known = seen.get(contents(steps));
        seen.set(contents(steps), form);
        return known === undefined || steps.length === 0
          ? []
          : [`${operation.name}, ${test.name}: ${known} and ${form}`];
      },
    );
  });
}

/**
 * Some of the runs that together dispatch every page, those with loops to expand with every set of overrides of the texts
 * that these loops stand in.
 */
export function rolledRuns(operation: Operation<unknown>, cases: readonly Case<unknown>[], facts: Facts): Run[] {
  const seen = new Set<string>();
  return runsOf(operation, cases, facts).filter(({ test, form }) => {
    const keys = dispatches(operation, test, form, facts).map(({ page, call }) => {
      const names = overridesAroundLoops(page);
      const set = Object.entries(call.overrides ?? {}).filter(([name]) => names.has(name)).sort();
      return JSON.stringify([page.name, set]);
    });
    return keys.filter((key) => isNew(seen, key)).length > 0;
  });
}

const isNew = (seen: Set<string>, key: string): boolean => seen.size < seen.add(key).size;

/** The overrides of a page's texts that have loops to expand. */
function overridesAroundLoops({ text, libs }: Page): Set<string> {
  const texts = [text, ...libs.map((lib) => lib.text)].filter((text) => /^\s*\/\/ @unroll$/m.test(text));
  return new Set(texts.flatMap((text) => Array.from(text.matchAll(/^override (\w+)/gm), ([, name]) => name)));
}

/** All that a recording's dispatches are told. */
function contents(steps: readonly DispatchStep[]): string {
  const numbers = new Map<unknown, number>();
  return JSON.stringify(steps.map(({ page, call, nodes }) => {
    const bound = nodes.map((node) => node && (numbers.get(node) ?? numbers.set(node, numbers.size).get(node)));
    const tables = nodes.map((node) => node?.upload && Array.from(node.upload));
    return [page.name, call.params, call.overrides, call.tune, call.groups, bound, tables];
  }));
}

/** The forms that a device has what it needs for, each by name, or the only one. */
function formsOf(operation: Operation<unknown>, facts: Facts): (string | undefined)[] {
  if (operation.forms === undefined) return [undefined];
  return Object.entries(operation.forms).flatMap(([name, form]) => form.needs?.(facts) === false ? [] : [name]);
}

/** What a case dispatches, found without a device. */
function dispatches(
  operation: Operation<unknown>,
  test: Case<unknown>,
  form: string | undefined,
  facts: Facts,
): DispatchStep[] {
  const recording = new Recording(facts, form === undefined ? {} : { [operation.name]: form });
  recording.apply(operation, test.inputs().map(uploaded), test.options);
  return recording.steps.filter((step) => step.kind === "dispatch");
}

function uploaded(spec: Spec): Value {
  const count = sizeOf(spec.shape);
  return new RecordedValue(
    spec,
    new Map([["linear", {
      layout: "linear",
      home: "buffer",
      need: { kind: "buffer", bytes: 4 * count },
      extents: { texels: count, rows: 1, layers: 1 },
    }]]),
  );
}
