/** What shows a difference of one node again: a folder as ONNX's own tests have it. */
import { toBinary } from "npm:@bufbuild/protobuf@2.17.0";
import { randomNumbers, sizeOf } from "../../shaders/mod.ts";
import { type HostDType, type HostValue, hostValue, isFloat } from "./host_value.ts";
import { TensorProtoSchema } from "./onnx_pb.ts";
import { tensorProtoOf } from "./tensor_proto.ts";

/** Writes a node as `model.onnx` with its inputs and what it should give in `test_data_set_0`. */
export async function writeReproduction(
  folder: string,
  { inputs, outputs }: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
  { model, values }: { readonly model: Uint8Array; readonly values: ReadonlyMap<string, HostValue> },
): Promise<void> {
  const data = `${folder}/test_data_set_0`;
  await Deno.mkdir(data, { recursive: true });
  await Deno.writeFile(`${folder}/model.onnx`, model);
  for (const [kind, names] of [["input", inputs], ["output", outputs]] as const) {
    for (const [i, name] of names.entries()) {
      const bytes = toBinary(TensorProtoSchema, tensorProtoOf(name, values.get(name)!));
      await Deno.writeFile(`${data}/${kind}_${i}.pb`, bytes);
    }
  }
}

/** Seeded noise: floats from -1 to 1, small whole numbers for other types. */
export function seededValue(dtype: HostDType, shape: readonly number[]): HostValue {
  const next = randomNumbers(1);
  const most = dtype === "bool" ? 2 : 8;
  const draw = () => isFloat(dtype) ? 2 * next() - 1 : Math.floor(next() * most);
  return hostValue(dtype, shape, Array.from({ length: sizeOf(shape) }, draw));
}
