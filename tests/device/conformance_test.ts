/** Runs the cases of every operation on the device, in each form, expanded and rolled, against the operation's twin. */
import { assert, assertEquals } from "@std/assert";
import { openDevice } from "../../engine/device/mod.ts";
import { assemble, Runtime } from "../../engine/kernel/mod.ts";
import { type Case, type Operation, operations } from "../../shaders/mod.ts";
import { hostArray, pagesInUse, relativeError, rolledRuns, runsOf } from "../operations.ts";

const device = await openDevice();

/** Runtimes of the one device: forms and expansion are settings of a runtime. */
const runtimes = new Map<string, Runtime>();

function runtimeFor(operation: string, form: string | undefined, unroll: boolean): Runtime {
  const key = JSON.stringify([form === undefined ? undefined : operation, form, unroll]);
  const known = runtimes.get(key);
  if (known) return known;
  const { limits } = device.info;
  const runtime = new Runtime(
    device.device,
    device.facts,
    { maxBindingBytes: limits.maxStorageBufferBindingSize, maxBufferBytes: limits.maxBufferSize - 4 },
    {
      memoryBudget: 2 ** 30,
      debug: true,
      unroll,
      // The cases are small: rolled pages, which each run once, store by way of a buffer whatever the size.
      stagedFrom: unroll ? undefined : 0,
      forms: form === undefined ? {} : { [operation]: form },
    },
  );
  device.onError((error) => runtime.fail(error));
  runtimes.set(key, runtime);
  return runtime;
}

/** What is wrong with a case, one line each. */
async function faults(
  operation: Operation<unknown>,
  test: Case<unknown>,
  form: string | undefined,
  unroll: boolean,
): Promise<string[]> {
  const label = `${test.name}${form === undefined ? "" : `, form ${form}`}${unroll ? "" : ", rolled"}`;
  const runtime = runtimeFor(operation.name, form, unroll);
  const bound = operation.forms?.[form ?? ""]?.bound ?? operation.bound;
  const inputs = test.inputs();
  const expected = operation.twin(inputs, operation.options.parse(test.options));
  const tensors = inputs.map((input) => runtime.tensor(hostArray(input), input.shape, { dtype: input.dtype }));
  const run = () => runtime.run((r) => r.apply(operation, tensors, test.options));
  const first = run();
  const second = run();
  try {
    const results = await runtime.read([...first, ...second]);
    return expected.flatMap((twin, index) => {
      const { dtype, shape } = first[index];
      if (dtype !== twin.dtype || String(shape) !== String(twin.shape)) {
        return `${label}: output ${index} is ${dtype} [${shape}], its twin ${twin.dtype} [${twin.shape}]`;
      }
      const error = relativeError(results[index], twin, operation.scale);
      const found = error <= bound ? [] : [`${label}: error ${error} exceeds ${bound}`];
      const again = new Uint8Array(results[expected.length + index].buffer);
      const same = new Uint8Array(results[index].buffer).every((byte, at) => byte === again[at]);
      return same ? found : [...found, `${label}: two runs give different bytes`];
    });
  } finally {
    for (const tensor of [...tensors, ...first, ...second]) tensor.dispose();
  }
}

for (const { operation, cases } of operations) {
  Deno.test(`${operation.name} agrees with its twin in ${cases.length} cases`, async () => {
    assertEquals(new Set(cases.map(({ name }) => name)).size, cases.length, "names of cases are unique");
    const found: string[] = [];
    for (const unroll of [true, false]) {
      // Rolled pages are slow to compile and to run.
      for (const { test, form } of (unroll ? runsOf : rolledRuns)(operation, cases, device.facts)) {
        try {
          found.push(...await faults(operation, test, form, unroll));
        } catch (error) {
          throw new Error(`${operation.name}: ${test.name}, form ${form}, unroll ${unroll}: ${error}`, {
            cause: error,
          });
        }
      }
    }
    assertEquals(found, []);
  });
}

// The cases above compile each page in the homes and overrides that they use, expanded and rolled.
Deno.test("every page is valid in textures and in buffers, rolled and expanded", async () => {
  const textureAccess = device.facts.adapter === "swiftshader" ? "sampled" : "storage";
  for (const page of pagesInUse().values()) {
    if (page.subgroups && device.facts.subgroupSize === 0) continue;
    const tried = new Set<string>();
    for (const unroll of [true, false]) {
      for (const home of ["texture", "buffer", "staged"] as const) {
        const homeOf = (access: string) => home === "staged" && access === "read" ? "texture" : home;
        const homes = Object.fromEntries(page.bindings.map(({ name, access }) => [name, homeOf(access)]));
        const { text } = assemble(page, { homes, textureAccess, tune: {}, unroll });
        if (tried.has(text)) continue;
        tried.add(text);
        device.device.pushErrorScope("validation");
        device.device.createShaderModule({ code: text });
        const error = await device.device.popErrorScope();
        assert(error === null, `${page.name}, ${home}, unroll ${unroll}: ${error?.message}`);
      }
    }
  }
});
