import { sizeOf, type Spec } from "../../shaders/mod.ts";
import { isDeviceType } from "./host_value.ts";
import { ModelError } from "../errors.ts";
import type { Runtime, WaitOptions } from "../kernel/mod.ts";
import { fromWords, type Tensor } from "../memory/mod.ts";
import type { Net } from "./net.ts";

/** Shapes of inputs by name, for those whose dimensions the model leaves open. */
export type FeedShapes = Readonly<Record<string, readonly number[]>>;

/** Types and shapes of a network's inputs. Throws a `ModelError` for one whose shape is open and not given. */
export function feedSpecs(net: Pick<Net, "inputs">, shapes: FeedShapes): Record<string, Spec> {
  return Object.fromEntries(net.inputs.map(({ name, dtype, shape }) => {
    const extents = shapes[name] ?? shape;
    if (!isDeviceType(dtype) || !extents.every((extent) => typeof extent === "number")) {
      throw new ModelError(`Cannot warm up for the input "${name}" of shape [${shape.join(", ")}]: give its shape`);
    }
    return [name, { dtype, shape: extents }];
  }));
}

/**
 * Runs a network once on zeros and waits for the device, so that a real run finds its plan and the driver its code. Throws
 * a `ModelError` for an input whose shape is open and not given.
 */
export async function warmNet(core: Runtime, net: Net, shapes: FeedShapes, options: WaitOptions): Promise<void> {
  const feeds: Record<string, Tensor> = {};
  try {
    for (const [name, { dtype, shape }] of Object.entries(feedSpecs(net, shapes))) {
      feeds[name] = core.tensor(fromWords(new Uint32Array(sizeOf(shape)), dtype), shape, { dtype });
    }
    await net.compile(shapes, options);
    const results = await net.run(feeds, options);
    for (const tensor of Object.values(results)) tensor.dispose();
    await core.idle(options);
  } finally {
    for (const tensor of Object.values(feeds)) tensor.dispose();
  }
}
