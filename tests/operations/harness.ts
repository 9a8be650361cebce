/** Runs the cases of every operation on the device, in each form, expanded and rolled, against the operation's twin. */
import { assertEquals } from "@std/assert";
import { openDevice } from "../../engine/device/mod.ts";
import { Runtime } from "../../engine/kernel/mod.ts";
import type { Case, Operation, TestedOperation } from "../../shaders/mod.ts";
import { hostArray, relativeError, rolledRuns, runsOf } from "../operations.ts";

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
  const bound = operation.forms?.[form?.split(" ")[0] ?? ""]?.bound ?? operation.bound;
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

/** Registers a test of each operation. */
export function testOperations(operations: readonly TestedOperation[]): void {
  for (const { operation, cases } of operations) testOperation(operation, cases);
}

function testOperation(operation: Operation<unknown>, cases: readonly Case<unknown>[]): void {
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
