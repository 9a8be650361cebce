import { create, toBinary } from "@bufbuild/protobuf";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ModelError } from "../../../engine/errors.ts";
import { numbersOf } from "../../../engine/graph/host_value.ts";
import { readExternalFiles } from "../../../engine/graph/external_data.ts";
import { readModel } from "../../../engine/graph/reader.ts";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from "../../../engine/graph/onnx_pb.ts";

/** A model whose one constant of two f32 lies in a file. */
function modelOf(entries: Readonly<Record<string, string>>): Uint8Array {
  const externalData = Object.entries(entries).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value })
  );
  const tensor = create(TensorProtoSchema, {
    name: "w",
    dataType: 1,
    dims: [2n],
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData,
  });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
      graph: create(GraphProtoSchema, { name: "g", initializer: [tensor] }),
    }),
  );
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/m/data`, { recursive: true });
    await Deno.writeFile(`${folder}/secret.bin`, new Uint8Array(64));
    await Deno.writeFile(`${folder}/m/w.bin`, new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer));
    await Deno.writeFile(`${folder}/m/data/w.bin`, new Uint8Array(Float32Array.of(5, 6).buffer));
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("elements are read from files of the model's folder, at their offset", () =>
  inFolder(async (folder) => {
    const read = async (entries: Record<string, string>) => {
      const bytes = modelOf(entries);
      const files = await readExternalFiles(`${folder}/m/net.onnx`, bytes);
      return numbersOf(readModel(bytes, "net.onnx", files).constants.get("w")!);
    };
    assertEquals(await read({ location: "w.bin", offset: "8", length: "8" }), [3, 4]);
    assertEquals(await read({ location: "data/w.bin" }), [5, 6]);
    await assertRejects(
      () => read({ location: "w.bin", offset: "12", length: "8" }),
      ModelError,
      "of a file of 16 bytes",
    );
    await assertRejects(() => read({ location: "w.bin", length: "4" }), ModelError, "has 1 elements, not 2");
    await assertRejects(
      () => read({ location: "w.bin", offset: "-8", length: "8" }),
      ModelError,
      "of a file of 16 bytes",
    );
  }));

Deno.test("files outside of the folder, behind links and missing ones are refused", () =>
  inFolder(async (folder) => {
    await Deno.symlink(`${folder}/secret.bin`, `${folder}/m/link.bin`);
    await Deno.symlink(folder, `${folder}/m/up`);
    const cases: [string, string][] = [
      ["../secret.bin", "outside of its folder"],
      ["data/../../secret.bin", "outside of its folder"],
      [`${folder}/secret.bin`, "outside of its folder"],
      ["", "outside of its folder"],
      ["..\\secret.bin", "outside of its folder"],
      ["link.bin", "behind a link"],
      ["up/secret.bin", "behind a link"],
      ["none.bin", "are missing"],
      ["data", "in no file"],
    ];
    for (const [location, why] of cases) {
      await assertRejects(() => readExternalFiles(`${folder}/m/net.onnx`, modelOf({ location })), ModelError, why);
    }
  }));

Deno.test("a model without a folder names the file that it misses", () => {
  assertThrows(() => readModel(modelOf({ location: "w.bin" }), "net.onnx"), ModelError, "(w.bin)");
});
