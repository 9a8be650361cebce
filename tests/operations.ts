/** What the tests of all operations share: device arrays of host tensors, comparison with a twin, the pages in use. */
import type { HostArray } from "../engine/mod.ts";
import { RecordedValue, Recording } from "../engine/kernel/mod.ts";
import type { DispatchStep } from "../engine/kernel/recording.ts";
import type { Case, DType, Facts, HostTensor, Operation, Page, Spec, Value } from "../shaders/mod.ts";
import { operations } from "../shaders/mod.ts";
import { sizeOf } from "../shaders/cases.ts";

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

/** The forms that a test runs: each by name that a device has what it needs for, or the only one. */
export function formsOf(operation: Operation<unknown>, facts: Facts): (string | undefined)[] {
  if (operation.forms === undefined) return [undefined];
  return Object.entries(operation.forms).flatMap(([name, form]) => form.needs?.(facts) === false ? [] : [name]);
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
        for (const { page } of dispatches(operation, test, form)) pages.set(page.name, page);
      }
    }
  }
  return pages;
}

/** Some of the cases that together dispatch every page with every set of overrides that all of them do. */
export function coveringCases(
  operation: Operation<unknown>,
  cases: readonly Case<unknown>[],
  form: string | undefined,
): Case<unknown>[] {
  const seen = new Set<string>();
  return cases.filter((test) => {
    const before = seen.size;
    for (const { page, call } of dispatches(operation, test, form)) {
      seen.add(JSON.stringify([page.name, Object.entries(call.overrides ?? {}).sort()]));
    }
    return seen.size > before;
  });
}

/** What a case dispatches, found without a device. */
function dispatches(operation: Operation<unknown>, test: Case<unknown>, form: string | undefined): DispatchStep[] {
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
