import { create, fromBinary } from "npm:@bufbuild/protobuf@2.17.0";
import { sizeOf } from "../../shaders/mod.ts";
import { ModelError, UnsupportedError } from "../errors.ts";
import { arrayOf, type HostData, type HostDType, type HostValue } from "./host_value.ts";
import { type TensorProto, TensorProto_DataLocation, TensorProtoSchema } from "./onnx_pb.ts";

/** Element types by ONNX's numbers. Text, complex, 8-bit and 4-bit floats and packed integers are not read. */
const types: Readonly<Record<number, HostDType>> = {
  1: "f32",
  2: "u8",
  3: "i8",
  4: "u16",
  5: "i16",
  6: "i32",
  7: "i64",
  9: "bool",
  10: "f16",
  11: "f64",
  12: "u32",
  13: "u64",
  16: "bf16",
};

const unreadTypes: Readonly<Record<number, string>> = {
  8: "string",
  14: "complex64",
  15: "complex128",
  17: "float8e4m3fn",
  18: "float8e4m3fnuz",
  19: "float8e5m2",
  20: "float8e5m2fnuz",
  21: "uint4",
  22: "int4",
  23: "float4e2m1",
  24: "float8e8m0",
  25: "uint2",
  26: "int2",
};

/** What messages and tables call ONNX's element type of a number. */
export function typeNameOf(type: number): string {
  return types[type] ?? unreadTypes[type] ?? `number ${type}`;
}

/** Our element type for ONNX's number. Throws an `UnsupportedError` that names a type which we don't read. */
export function dtypeOf(type: number): HostDType {
  const dtype = types[type];
  if (dtype === undefined) throw new UnsupportedError(`element type ${typeNameOf(type)} is not supported`);
  return dtype;
}

/** Reads a serialized tensor, whichever of its fields hold the elements. Throws a `ModelError`. */
export function readTensor(tensor: TensorProto, what = `tensor "${tensor.name}"`): HostValue {
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL || tensor.externalData.length > 0) {
    const location = tensor.externalData.find((entry) => entry.key === "location")?.value;
    throw new ModelError(
      `${what} keeps its elements in another file${
        location ? ` (${location})` : ""
      }, which only models of a folder on disk ` +
        `can: give the path of the model, or save the model as one file`,
    );
  }
  const dtype = dtypeOf(tensor.dataType);
  const shape = tensor.dims.map(Number);
  const wrong = shape.find((extent) => extent < 0 || !Number.isSafeInteger(extent));
  if (wrong !== undefined) throw new ModelError(`${what} has a size of ${wrong}, it must be 0 or more`);
  const length = sizeOf(shape);
  const data = tensor.rawData.length > 0 ? readRaw(dtype, tensor.rawData) : readFields(dtype, tensor);
  if (data.length !== length) {
    throw new ModelError(
      `${what} of shape [${shape}] has ${data.length} elements, not ${length}: export the model again`,
    );
  }
  return { dtype, shape, data };
}

function readRaw(dtype: HostDType, raw: Uint8Array): HostData {
  if (dtype === "f16") return Float32Array.from(new Float16Array(aligned(raw)));
  if (dtype === "bf16") {
    return new Float32Array(Uint32Array.from(new Uint16Array(aligned(raw)), (half) => half << 16 >>> 0).buffer);
  }
  const empty = arrayOf(dtype, 0);
  if (raw.byteLength % empty.BYTES_PER_ELEMENT !== 0) return empty;
  const make = empty.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => HostData;
  const length = raw.byteLength / empty.BYTES_PER_ELEMENT;
  if (raw.byteOffset % empty.BYTES_PER_ELEMENT === 0) return new make(raw.buffer, raw.byteOffset, length);
  return new make(aligned(raw), 0, length);
}

/** The tag and the length before elements of so many bytes take four bytes at least. */
const longBytes = 1 << 14;

/**
 * Moves long elements of f32 within the file's bytes to where an array of f32 can begin, over their own tag and length, so
 * that they need no copy. Nobody else may read the file's bytes.
 */
export function alignWithin(tensor: TensorProto, file: Uint8Array): void {
  const { rawData: raw, dataType } = tensor;
  const { buffer, byteOffset, byteLength } = raw;
  const past = byteOffset % 4;
  const isOwn = buffer === file.buffer && tensor.externalData.length === 0;
  if (types[dataType] !== "f32" || past === 0 || byteLength < longBytes || !isOwn) return;
  new Uint8Array(buffer).copyWithin(byteOffset - past, byteOffset, byteOffset + byteLength);
  tensor.rawData = new Uint8Array(buffer, byteOffset - past, byteLength) as typeof raw;
}

function aligned(raw: Uint8Array): ArrayBuffer {
  return raw.slice().buffer as ArrayBuffer;
}

function readFields(dtype: HostDType, tensor: TensorProto): HostData {
  switch (dtype) {
    case "f32":
      return Float32Array.from(tensor.floatData);
    case "f64":
      return Float64Array.from(tensor.doubleData);
    case "i64":
      return BigInt64Array.from(tensor.int64Data);
    case "u64":
      return BigUint64Array.from(tensor.uint64Data);
    case "u32":
      return Uint32Array.from(tensor.uint64Data, Number);
    case "f16":
      return Float32Array.from(new Float16Array(Uint16Array.from(tensor.int32Data).buffer));
    case "bf16":
      return new Float32Array(Uint32Array.from(tensor.int32Data, (half) => half << 16 >>> 0).buffer);
    default: {
      const data = arrayOf(dtype, tensor.int32Data.length);
      for (const [i, value] of tensor.int32Data.entries()) data[i] = value;
      return data;
    }
  }
}

/** A value as a serialized tensor has it. */
export function tensorProtoOf(name: string, { dtype, shape, data }: HostValue): TensorProto {
  const dataType = Number(Object.keys(types).find((type) => types[Number(type)] === dtype));
  const narrow = dtype === "f16" ? new Float16Array(data as Float32Array) : data;
  const rawData = new Uint8Array(narrow.buffer, narrow.byteOffset, narrow.byteLength).slice();
  return create(TensorProtoSchema, { name, dataType, dims: shape.map(BigInt), rawData });
}

/** Reads a file that is one serialized tensor. Throws a `ModelError`. */
export async function readTensorFile(path: string): Promise<HostValue> {
  const bytes = await Deno.readFile(path);
  try {
    return readTensor(fromBinary(TensorProtoSchema, bytes), path);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError(`Cannot open ${path} as it isn't a serialized tensor: ${(error as Error).message}`);
  }
}
