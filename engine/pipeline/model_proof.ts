/** Whether a model's file is what its `model.json` says, found before anything is started. */
import { ModelError } from "../errors.ts";
import type { Stage } from "./contract.ts";
import type { ModelFile } from "./model_file.ts";

/** Throws a `ModelError` that names what the contract says and what the file has. */
export async function proveModel(model: ModelFile, stage: Stage, options: unknown): Promise<void> {
  const { path, contract, network } = model;
  const refuse = (reason: string): never => {
    throw new ModelError(`Cannot use model ${path} for stage ${stage.name} as ${reason}`);
  };
  const reason = stage.refuses?.(contract, options as never);
  if (reason !== undefined) refuse(reason);
  const { name, channels, size } = contract.input;
  const described = (ports: ModelFile["network"]["inputs"]) =>
    ports.map((port) => `${port.name} (${port.dtype} [${port.shape.join(", ")}])`).join(", ");
  const input = network.inputs.find((port) => port.name === name);
  if (input === undefined) {
    return refuse(`its model.json names the input ${name}, but the file has ${described(network.inputs)}`);
  }
  if (network.inputs.length > 1) refuse(`stages feed one input, but the file has ${described(network.inputs)}`);
  const fed = [1, channels, ...size];
  const fits = input.anyShape || input.shape.length === fed.length &&
      input.shape.every((extent, axis) => axis === 0 || typeof extent === "string" || extent === fed[axis]);
  if (!fits || input.dtype !== "f32") {
    refuse(`its model.json feeds f32 [N, ${fed.slice(1).join(", ")}], but the file takes ${described([input])}`);
  }
  const { outputsFor } = await import("../graph/mod.ts");
  const batch = typeof input.shape[0] === "number" ? input.shape[0] : 1;
  const given = outputsFor(network, { [name]: { dtype: "f32", shape: [batch, ...fed.slice(1)] } });
  const wanted = stage.expects?.(contract as never, options as never);
  if (wanted === undefined) return;
  const names = network.outputs.map((port) => port.name).join(", ");
  if (!network.outputs.some((port) => port.name === wanted.output)) {
    refuse(`its model.json names the output ${wanted.output}, but the file has ${names}`);
  }
  const shape = given?.[wanted.output].shape;
  if (shape !== undefined && shape.join() !== [batch, ...wanted.shape].join()) {
    refuse(
      `its output ${wanted.output} is [${shape.join(", ")}] and must be [${[batch, ...wanted.shape].join(", ")}] ` +
        `(${wanted.why})`,
    );
  }
}
