/** Elements that a model keeps in files beside its own, as ONNX says: by name, offset and length. */
import { fromBinary } from "npm:@bufbuild/protobuf@2.17.0";
import { ModelError } from "../errors.ts";
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
} from "./onnx_pb.ts";
import { readFile } from "./read_file.ts";

/** Files of elements by the names that a model calls them. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>;

/** Most bytes of all files together: what one array holds. */
const mostBytes = 2 ** 31;

/**
 * Reads the files that a model file names. They must lie in its folder, as files and by no link. Throws a `ModelError` for
 * others, for missing ones and for more than 2 GiB; bytes that are no model name none.
 */
export async function readExternalFiles(model: string, bytes: Uint8Array): Promise<ExternalFiles> {
  const files = new Map<string, Uint8Array>();
  const folder = model.replace(/[^/]*$/, "");
  let total = 0;
  for (const location of locationsIn(bytes)) {
    const refuse = (why: string) => new ModelError(`Cannot open ${model} as its elements in "${location}" ${why}`);
    const steps = location.split("/");
    if (
      location === "" || steps.some((step) => step === "" || step === "." || step === "..") || /[\\\0]/.test(location)
    ) {
      throw refuse("lie outside of its folder: export it again with its data beside it");
    }
    const { size } = await plainFile(folder, steps, refuse);
    total += size;
    if (total > mostBytes) throw refuse(`make more than ${mostBytes / 2 ** 30} GiB: export a smaller model`);
    files.set(location, await readFile(folder + location));
  }
  return files;
}

/** Follows a path step by step, so that no link leads out of the folder. */
async function plainFile(
  folder: string,
  steps: readonly string[],
  refuse: (why: string) => ModelError,
): Promise<Deno.FileInfo> {
  let path = folder;
  for (const [at, step] of steps.entries()) {
    path += at === 0 ? step : `/${step}`;
    let info: Deno.FileInfo;
    try {
      info = await Deno.lstat(path);
    } catch {
      throw refuse("are missing: put the file beside it");
    }
    if (info.isSymlink) throw refuse("are behind a link: put the file itself beside it");
    const last = at === steps.length - 1;
    if (last ? !info.isFile : !info.isDirectory) throw refuse("are in no file: export it again");
    if (last) return info;
  }
  throw refuse("have no name: export it again");
}

function locationsIn(bytes: Uint8Array): Set<string> {
  const locations = new Set<string>();
  try {
    for (const tensor of tensorsOf(fromBinary(ModelProtoSchema, bytes))) {
      if (isExternal(tensor)) locations.add(entryOf(tensor, "location") ?? "");
    }
  } catch {
    // Whoever reads the model says what is wrong with it.
  }
  return locations;
}

/** Puts the elements in files in their place. Tensors whose file isn't there stay as they are. */
export function resolveExternal(proto: ModelProto, files: ExternalFiles): void {
  if (files.size === 0) return;
  for (const tensor of tensorsOf(proto)) {
    const file = isExternal(tensor) ? files.get(entryOf(tensor, "location") ?? "") : undefined;
    if (file === undefined) continue;
    const offset = Number(entryOf(tensor, "offset") ?? 0);
    const length = Number(entryOf(tensor, "length") ?? file.length - offset);
    const fits = [offset, length].every((value) => Number.isSafeInteger(value) && value >= 0);
    if (!fits || offset + length > file.length) {
      throw new ModelError(
        `tensor "${tensor.name}" lies at ${offset} to ${offset + length} of a file of ${file.length} bytes`,
      );
    }
    tensor.rawData = file.subarray(offset, offset + length);
    tensor.externalData = [];
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
  }
}

function isExternal({ dataLocation, externalData }: TensorProto): boolean {
  return dataLocation === TensorProto_DataLocation.EXTERNAL || externalData.length > 0;
}

function entryOf({ externalData }: TensorProto, key: string): string | undefined {
  return externalData.find((entry) => entry.key === key)?.value;
}

/** All tensors of a model: initializers and attributes, those of subgraphs and functions included. */
function* tensorsOf({ graph, functions }: ModelProto): Generator<TensorProto> {
  if (graph !== undefined) yield* inGraph(graph);
  for (const { node } of functions) for (const own of node) yield* inNode(own);
}

function* inGraph({ initializer, node }: GraphProto): Generator<TensorProto> {
  yield* initializer;
  for (const own of node) yield* inNode(own);
}

function* inNode({ attribute }: NodeProto): Generator<TensorProto> {
  for (const { t, tensors, g, graphs } of attribute) {
    if (t !== undefined) yield t;
    yield* tensors;
    for (const graph of g === undefined ? graphs : [g, ...graphs]) yield* inGraph(graph);
  }
}
