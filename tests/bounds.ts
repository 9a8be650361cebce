/**
 * Prints what each operation's greatest error over its cases is beside its bound, on the adapter that is found:
 * `deno run -A tests/bounds.ts [OPERATION...]`. A bound should be some four times what is reached on the worst adapter.
 */
import { openDevice } from "../engine/device/mod.ts";
import { Runtime } from "../engine/kernel/mod.ts";
import { operations } from "../shaders/mod.ts";
import { hostArray, relativeError, runsOf } from "./operations.ts";

const device = await openDevice();
const { limits } = device.info;
console.log(`${device.info.adapter}: error reached, bound, bound / error, the case that reaches it`);
for (const { operation, cases } of operations) {
  if (Deno.args.length > 0 && !Deno.args.includes(operation.name)) continue;
  const runs = Object.groupBy(runsOf(operation, cases, device.facts), ({ form }) => form ?? "");
  for (const [form, tests] of Object.entries(runs)) {
    const runtime = new Runtime(
      device.device,
      device.facts,
      { maxBindingBytes: limits.maxStorageBufferBindingSize, maxBufferBytes: limits.maxBufferSize - 4 },
      { memoryBudget: 2 ** 30, forms: form === "" ? {} : { [operation.name]: form } },
    );
    const bound = operation.forms?.[form.split(" ")[0]]?.bound ?? operation.bound;
    let worst = { error: 0, name: "" };
    for (const { test } of tests ?? []) {
      const inputs = test.inputs();
      const twins = operation.twin(inputs, operation.options.parse(test.options));
      const tensors = inputs.map((input) => runtime.tensor(hostArray(input), input.shape, { dtype: input.dtype }));
      const outputs = runtime.run((r) => r.apply(operation, tensors, test.options));
      const results = await runtime.read(outputs);
      for (const [index, twin] of twins.entries()) {
        const error = relativeError(results[index], twin, operation.scale);
        if (error > worst.error) worst = { error, name: test.name };
      }
      for (const tensor of [...tensors, ...outputs]) tensor.dispose();
    }
    const name = form === "" ? operation.name : `${operation.name}/${form}`;
    const ratio = worst.error === 0 ? "-" : (bound / worst.error).toPrecision(3);
    console.log([name.padEnd(34), worst.error.toExponential(1), bound.toExponential(1), ratio, worst.name].join("  "));
  }
}
device.close();
