/** Values with a place, values of a plugin's own, and where results go. */
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type CaseRecord,
  createRegistry,
  definePlugin,
  defineStage,
  geometryOfBox,
  geometryOfSpacing,
  isSameGrid,
  MemoryOutput,
  optionsOf,
  pipelineOf,
  type Point,
  resampledGeometry,
  runPipeline,
  shiftedGeometry,
  UsageError,
  voxelToPatient,
} from "../../../engine/pipeline/mod.ts";
import { z } from "zod";
import { FakeEngine, fakePlugin, fakeSource, fakeStage, type FakeTensor, placed } from "./fakes.ts";

const geometry = geometryOfSpacing([3, 2]);
const at = ({ affine }: typeof geometry, point: Point) => voxelToPatient(affine, point);

Deno.test("a resampled image keeps its outer edges, a cut one its pixels, a box its corners", () => {
  const half = resampledGeometry(geometry, [8, 6], [4, 12]);
  assertEquals(half.spacing, [6, 1]);
  // The corner of pixel (0, 0) is half a pixel before its center.
  assertEquals(at(half, [-0.5, -0.5, 0]), at(geometry, [-0.5, -0.5, 0]));
  assertEquals(at(half, [11.5, 3.5, 0]), at(geometry, [5.5, 7.5, 0]));
  const cut = shiftedGeometry(geometry, [2, -1]);
  assertEquals([cut.spacing, at(cut, [1, 0, 0])], [[3, 2], at(geometry, [0, 2, 0])]);
  const box = geometryOfBox(geometry, [1, 2, 5, 8], [3, 16]);
  assertEquals(box.spacing, [6, 0.5]);
  assertEquals(at(box, [-0.5, -0.5, 0]), at(geometry, [0.5, 1.5, 0]));
  assertEquals(at(box, [15.5, 2.5, 0]), at(geometry, [4.5, 7.5, 0]));
  const volume = resampledGeometry(geometryOfSpacing([5, 3, 2]), [2, 8, 6], [10, 8, 6]);
  assertEquals([volume.spacing, voxelToPatient(volume.affine, [0, 0, 0])], [[1, 3, 2], [0, 0, -2]]);
  assert(isSameGrid(geometry, shiftedGeometry(cut, [-2, 1]), [8, 6]));
  assert(!isSameGrid(geometry, cut, [8, 6]) && !isSameGrid(geometry, half, [8, 6]));
});

/** Runs stages on one case in memory. */
async function run(stages: Parameters<typeof fakePlugin>[0], output = new MemoryOutput()): Promise<MemoryOutput> {
  const inputs = [{ name: "a.png", bytes: Uint8Array.of(1) }];
  const plugins = [fakePlugin(stages)];
  const names = ["acquire", ...stages!.map(({ name }) => name)];
  const { status, error, run } = await runPipeline(pipelineOf(names), {
    engine: new FakeEngine(),
    plugins,
    inputs,
    output,
  });
  assertEquals([status, error, run.cases[0]?.error], [0, undefined, undefined]);
  return output;
}

function caseOf(output: MemoryOutput): CaseRecord {
  return JSON.parse(new TextDecoder().decode(output.files.get("cases/a/case.json")));
}

Deno.test("case.json states where the original lies, and what a stage has put elsewhere", async () => {
  const still = caseOf(await run([fakeStage("look", { needs: ["image"], reads: ["image"] })]));
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  assertEquals(still.geometry, { size: [1, 1], spacing: [1, 1], spacingKnown: false, affine });
  assertEquals([still.grids, (still as unknown as { schemaVersion: number }).schemaVersion], [undefined, 2]);
  const zoom = fakeStage("zoom", {
    needs: ["image"],
    gives: ["image"],
    work: ({ image }, engine) => ({
      image: {
        tensor: engine.tensor(new Float32Array(6), [1, 2, 3]),
        geometry: resampledGeometry(image!.geometry, [1, 1], [2, 3]),
      },
    }),
  });
  const seen: unknown[] = [];
  const look = fakeStage("look", {
    needs: ["image"],
    reads: ["image"],
    work: ({ host, image }) => void seen.push(host.image?.geometry === image?.geometry, host.image?.tensor.shape),
  });
  const moved = caseOf(await run([zoom, look]));
  assertEquals([moved.geometry, seen], [still.geometry, [true, [1, 2, 3]]]);
  assertEquals(Object.keys(moved.grids ?? {}), ["image"]);
  assertEquals([moved.grids?.image.size, moved.grids?.image.spacing], [[2, 3], [0.5, 1 / 3]]);
});

Deno.test("results can go to memory: the same files as in a folder, whole cases only", async () => {
  const write = fakeStage("write", {
    needs: ["image"],
    reads: ["image"],
    files: ["all.txt"],
    work: (current) => current.write("deep/one.bin", Uint8Array.of(7)),
    finish: async ({ read }) => ({ files: { "all.txt": await read("a", "deep/one.bin") } }),
  });
  const output = await run([write]);
  assertEquals([...output.files.keys()].sort(), ["all.txt", "cases/a/case.json", "cases/a/deep/one.bin", "run.json"]);
  await assertRejects(() => run([write], output), UsageError, "Cannot write to memory as it holds the run of");
  const record = JSON.parse(new TextDecoder().decode(output.files.get("run.json")));
  assertEquals([record.files, record.cases[0].files], [["all.txt"], ["cases/a/case.json", "cases/a/deep/one.bin"]]);
  assertEquals(record.cases[0].outputs.map(({ path, bytes }: { path: string; bytes: number }) => [path, bytes]), [[
    "cases/a/deep/one.bin",
    1,
  ]]);
});

Deno.test("a value without a place is refused where it must have one", async () => {
  const bare = fakeStage("bare", {
    needs: ["image"],
    gives: ["mask"],
    work: (_, engine) => ({ mask: engine.tensor(new Float32Array(1), [1, 1]) as never }),
  });
  const engine = new FakeEngine();
  const inputs = [{ name: "a.png", bytes: Uint8Array.of(1) }];
  const options = { engine, plugins: [fakePlugin([bare])], inputs, output: new MemoryOutput() };
  const { run: record } = await runPipeline(pipelineOf(["acquire", "bare"]), options);
  assertStringIncludes(record.cases[0].error?.message ?? "", "mask has no geometry: give { tensor, geometry }");
  assertEquals(engine.alive, []);
});

Deno.test("a plugin may declare values of its own; a name that nobody declares is refused", async () => {
  const options = optionsOf(z.strictObject({}));
  const count = defineStage({
    name: "count",
    description: "Counts.",
    needs: ["image"],
    uses: [],
    gives: ["radiomics.texture", "radiomics.note"],
    reads: [],
    options,
    open: ({ engine }) => ({
      run: () => ({
        "radiomics.texture": { values: engine.tensor(Float32Array.of(3, 4), [2]), bins: 32 },
        "radiomics.note": "three and four",
      }),
    }),
  });
  const seen: unknown[] = [];
  const tell = defineStage({
    name: "tell",
    description: "Tells.",
    needs: ["radiomics.texture", "radiomics.note"],
    uses: [],
    gives: [],
    reads: ["radiomics.texture"],
    options,
    open: () => ({
      run: ({ host, ...current }) => {
        const { values, bins } = host["radiomics.texture"] as { values: FakeTensor; bins: number };
        seen.push([...values.data], bins, current["radiomics.note"]);
        return {};
      },
    }),
  });
  const keys = { "radiomics.texture": "Co-occurrence matrices", "radiomics.note": "A line" };
  const mine = definePlugin({ name: "radiomics", keys, stages: [count, tell] });
  const engine = new FakeEngine();
  const { status } = await runPipeline(pipelineOf(["acquire", "count", "tell"]), {
    engine,
    plugins: [fakePlugin([]), mine],
    inputs: ["a"],
    output: new MemoryOutput(),
  });
  assertEquals([status, seen, engine.alive], [0, [[3, 4], 32, "three and four"], []]);
  assertThrows(() => createRegistry([{ ...mine, keys: undefined }]), UsageError, "names the value radiomics.texture");
  assertThrows(() => createRegistry([{ ...mine, name: "other" }]), UsageError, "name it other.NAME");
  const typo = fakeStage("typo", { needs: ["imgae" as never] });
  assertThrows(() => createRegistry([fakePlugin([typo])]), UsageError, "use one of original, image, mask");
});

Deno.test("a source gives what it knows besides pixels as header, and several files make a case", async () => {
  const source = {
    ...fakeSource(["image", "header"]),
    open: () => ({
      list: () => [{ id: "s", source: "series", sources: ["series/1.dcm", "series/2.dcm"] }],
      load: (_: unknown, { engine }: { engine: FakeEngine }) =>
        Promise.resolve({
          image: placed(engine.tensor(new Float32Array(1), [1, 1, 1])),
          header: { format: "dicom", modality: "MR", attributes: { "00080060": { vr: "CS", Value: ["MR"] } } },
        }),
    }),
  } as never;
  const seen: unknown[] = [];
  const look = fakeStage("look", {
    needs: ["image"],
    uses: ["header"],
    work: ({ header, sources, source }) => void seen.push(header?.modality, sources, source),
  });
  const output = new MemoryOutput();
  const options = { engine: new FakeEngine(), plugins: [fakePlugin([look], source)], inputs: ["series"], output };
  const { run: record } = await runPipeline(pipelineOf(["acquire", "look"]), options);
  assertEquals(seen, ["MR", ["series/1.dcm", "series/2.dcm"], "series"]);
  assert(!JSON.stringify(record).includes("00080060"), "the header is written");
});
