import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  DeviceError,
  InputError,
  MemoryError,
  ModelError,
  OutputFolder,
  pipelineOf,
  runJsonSchema,
  runPipeline,
  type Stage,
  UsageError,
} from "../../../engine/pipeline/mod.ts";
import { parseRun } from "../../../engine/pipeline/record.ts";
import { run } from "./fake_runs.ts";
import { defaultStages, FakeEngine, fakePlugin, fakeSource, fakeStage } from "./fakes.ts";
import { inFolder, names } from "./output_runs.ts";

/** A stage that fails for some cases. */
function failing(ids: readonly string[], error: () => Error): Stage {
  return fakeStage("failing", {
    needs: ["image"],
    gives: ["image"],
    work: (current) => {
      if (ids.includes(current.id)) throw error();
    },
  });
}

Deno.test("runPipeline takes one readback per case and leaves no tensor alive", () =>
  inFolder(async (folder) => {
    const { run: record, status, engine } = await run(folder);
    assertEquals(status, 0);
    assertEquals(record.status, "done");
    assertEquals(record.cases.map(({ readbacks }) => readbacks), [1, 1, 1]);
    // image, mask, boxes and crops of one element each.
    assertEquals(record.cases.map(({ readbackBytes }) => readbackBytes), [16, 16, 16]);
    assertEquals(record.summary, { cases: { done: 3, failed: 0 }, readbacksPerCase: { max: 1, mean: 1 } });
    assertEquals(engine.alive, []);
    assertEquals(engine.tensors.filter((tensor) => tensor.disposals !== 1), []);
    assertEquals(record.cases[0].measures, { found: 1 });
    assertEquals(record.cases[0].stages.map((stage) => stage.name), [
      "acquire",
      "denoise",
      "segment",
      "crop",
      "readback",
      "evaluate",
      "export",
    ]);
    assertEquals(await names(folder), [
      "cases/a/case.json",
      "cases/a/image.bin",
      "cases/bb/case.json",
      "cases/bb/image.bin",
      "cases/ccc/case.json",
      "cases/ccc/image.bin",
      "run.json",
    ]);
  }));

Deno.test("run.json is of the schema, with every default filled in", () =>
  inFolder(async (folder) => {
    const { run: record } = await run(folder);
    const written = parseRun(await Deno.readTextFile(`${folder}/run.json`), "run.json");
    assertEquals(written, JSON.parse(JSON.stringify(record)));
    assertEquals(written.schemaVersion, 2);
    assertEquals(written.pipeline.stages[1], {
      stage: "denoise",
      options: { strength: 1, formats: ["png"], mode: "a", sizes: 3 },
    });
    assertEquals(written.adapter, { kind: "swiftshader", name: "Fake Device" });
    assertEquals(Object.keys(runJsonSchema().properties as object).slice(0, 4), [
      "schemaVersion",
      "isocenter",
      "runtime",
      "adapter",
    ]);
  }));

Deno.test("a tensor is disposed of after the last stage that wants it", () =>
  inFolder(async (folder) => {
    const alive: number[] = [];
    const count = (_: unknown, engine: FakeEngine) => void alive.push(engine.alive.length);
    await run(folder, {
      inputs: ["a"],
      stages: [
        fakeStage("one", { needs: ["image"], gives: ["image"], work: count }),
        fakeStage("two", { needs: ["image"], gives: ["mask"], work: count }),
        fakeStage("three", { needs: ["mask"], gives: ["boxes"], work: count }),
        fakeStage("four", { needs: ["boxes"], reads: ["boxes"], work: count }),
      ],
    });
    // The loaded image; what one gave; the mask alone; the boxes alone.
    assertEquals(alive, [1, 1, 1, 1]);
  }));

Deno.test("a stage may give what it took", () =>
  inFolder(async (folder) => {
    const { engine, status } = await run(folder, {
      stages: [
        fakeStage("pass", { needs: ["image"], gives: ["image"], work: (current) => ({ image: current.image }) }),
        fakeStage("look", { needs: ["image", "original"], reads: ["image", "original"] }),
      ],
    });
    assertEquals(status, 0);
    assertEquals(engine.tensors.filter((tensor) => tensor.disposals !== 1), []);
  }));

Deno.test("the next case is loaded before the readback of this one", () =>
  inFolder(async (folder) => {
    const engine = new FakeEngine();
    const atRead: number[] = [];
    const read = engine.read.bind(engine);
    engine.read = (tensors) => {
      atRead.push(engine.tensors.filter((tensor) => tensor.shape.length === 3).length);
      return read(tensors);
    };
    await run(folder, { engine });
    assertEquals(atRead, [2, 3, 3]);
  }));

Deno.test("the host stages of a case run as the device works on the next one, but nothing is before the first result", () =>
  inFolder(async (folder) => {
    const order: string[] = [];
    const stage = (name: string, reads: ["image"] | []) =>
      fakeStage(name, { needs: ["image"], reads, work: ({ id }) => void order.push(`${name} ${id}`) });
    const engine = new FakeEngine();
    const read = engine.read.bind(engine);
    engine.read = (tensors) => {
      order.push("read");
      return read(tensors);
    };
    const { run: record } = await run(folder, { engine, stages: [stage("submit", []), stage("write", ["image"])] });
    assertEquals(order, [
      ...["submit a", "read", "write a", "submit bb", "read"],
      ...["submit ccc", "write bb", "read", "write ccc"],
    ]);
    for (const { shares } of record.cases) {
      assertEquals(Object.keys(shares ?? {}), ["host", "device", "waiting"]);
      assert(Object.values(shares ?? {}).every(({ seconds }) => seconds >= 0 && seconds < 60));
    }
    assertEquals(engine.alive, []);
  }));

Deno.test("the device has work of a case from when some was submitted, not while the host prepares it", () =>
  inFolder(async (folder) => {
    const prepareMs = 400;
    const prepare = fakeStage("prepare", {
      needs: ["image"],
      gives: ["image"],
      work: async () => {
        await new Promise((resolve) => setTimeout(resolve, prepareMs));
      },
    });
    const look = fakeStage("look", { needs: ["image"], reads: ["image"] });
    const { run: record } = await run(folder, { inputs: ["a"], stages: [prepare, look] });
    const { device, host, waiting } = record.cases[0].shares!;
    assert(device.seconds < prepareMs / 2000, `${device.seconds} s`);
    assert(host.seconds + waiting.seconds >= 0.9 * prepareMs / 1000, `${host.seconds} and ${waiting.seconds} s`);
  }));

Deno.test("a case that finds no memory beside the one before is begun again alone", () =>
  inFolder(async (folder) => {
    const written: string[] = [];
    let tries = 0;
    const large = fakeStage("large", {
      needs: ["image"],
      work: ({ id }) => {
        tries++;
        if (id === "ccc" && !written.includes("bb")) throw new MemoryError("No room: run smaller parts");
      },
    });
    const write = fakeStage("write", { needs: ["image"], reads: ["image"], work: ({ id }) => void written.push(id) });
    const { status, engine } = await run(folder, { stages: [large, write], inputs: ["a", "bb", "ccc"] });
    assertEquals([status, written, tries], [0, ["a", "bb", "ccc"], 4]);
    assertEquals(engine.alive, []);
  }));

Deno.test("an input that fails is reported, and the others are done", () =>
  inFolder(async (folder) => {
    const { run: record, status, events, engine } = await run(folder, { inputs: ["a", "bad", "odd"] });
    assertEquals(status, 5);
    assertEquals(record.cases.map(({ status }) => status), ["done", "failed", "done"]);
    assertEquals(record.cases[1].error, { name: "InputError", message: "Cannot open bad.png as it is bad" });
    assertEquals(record.cases[2].warnings, ["It is odd"]);
    assertEquals(record.summary.cases, { done: 2, failed: 1 });
    assertEquals(engine.alive, []);
    assertEquals((await names(folder)).includes("cases/bad/case.json"), false);
    const through = events.filter((event) => event.type === "case").map((event) => [event.id, event.through]);
    assertEquals(through, [["a", 1], ["bad", 2], ["odd", 3]]);
    assertEquals(events.at(0)?.type, "start");
    assertEquals(events.at(-1)?.type, "finish");
  }));

Deno.test("--fail-fast stops at the first failed case", () =>
  inFolder(async (folder) => {
    const { run: record, status } = await run(folder, { inputs: ["a", "bad", "c"], failFast: true });
    assertEquals(status, 5);
    assertEquals(record.status, "stopped");
    assertEquals(record.cases.map(({ id }) => id), ["a", "bad"]);
  }));

Deno.test("the kind of failure decides the exit status", async (test) => {
  const kinds: [name: string, error: () => Error, status: number, cases: number][] = [
    ["a fault of ours", () => new TypeError("x is undefined"), 1, 3],
    ["out of memory", () => new MemoryError("Cannot hold it"), 3, 3],
    ["a lost device", () => new DeviceError("The device is lost"), 3, 2],
  ];
  for (const [name, error, expected, cases] of kinds) {
    await test.step(name, () =>
      inFolder(async (folder) => {
        const { run: record, status, engine } = await run(folder, {
          stages: [failing(["bb"], error), ...defaultStages()],
        });
        assertEquals(status, expected);
        assertEquals(record.cases.length, cases);
        assertEquals(record.cases[1].status, "failed");
        assertEquals(engine.alive, []);
      }));
  }
});

Deno.test("a writer that fails after some bytes leaves nothing half-written", () =>
  inFolder(async (folder) => {
    let left = 2500;
    const writeFile = async (path: string, bytes: Uint8Array) => {
      if (path.includes("cases")) left -= bytes.length;
      await Deno.writeFile(path, left < 0 ? bytes.subarray(0, Math.max(0, bytes.length + left)) : bytes);
      if (left < 0 && path.includes("cases")) throw new Error("No space left on device (os error 28)");
    };
    const output = new OutputFolder(folder, writeFile);
    const { run: record, status } = await run(folder, { output });
    assertEquals(status, 5);
    const failed = record.cases.filter(({ status }) => status === "failed");
    assert(failed.length > 0 && failed.length < 3, `${failed.length} cases failed`);
    assertStringIncludes(failed[0].error!.message, "no space is left");
    for (const name of await names(folder)) {
      if (name.endsWith("case.json")) JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
      assert(!name.includes("partial"), name);
    }
    assertEquals((await names(folder)).filter((name) => name.startsWith("cases")).length, 2 * (3 - failed.length));
  }));

Deno.test("a run that can't be started leaves the folder as it was", () =>
  inFolder(async (folder) => {
    const refuse = () => Promise.reject(new Deno.errors.NotCapable("Requires write access"));
    const error = await assertRejects(() => run(folder, { output: new OutputFolder(folder, refuse) }), UsageError);
    assertStringIncludes(error.message, "Deno may not write there: allow it with --allow-write");
    await assertRejects(() => run(`${folder}/x`, { inputs: [] }), InputError, "Cannot find an image");
    assertEquals((await names(folder)).length, 0);
  }));

Deno.test("a model that is missing is found out before the engine is opened", () =>
  inFolder(async (folder) => {
    const segment = fakeStage("segment", { needs: ["image"], gives: ["mask"], models: () => ["models/no_such"] });
    const engine = () => Promise.reject(new Error("must not be opened"));
    const options = { engine, plugins: [fakePlugin([segment])], inputs: ["a"], output: `${folder}/out` };
    const error = await assertRejects(() => runPipeline(pipelineOf(["acquire", "segment"]), options), ModelError);
    assertStringIncludes(error.message, "Cannot find model models/no_such as there is no model.json in ");
    await Deno.writeTextFile(`${folder}/model.onnx`, "not onnx");
    const contract = { name: "m", task: "t", input: { name: "x", channels: 1, size: [2, 2] }, classes: ["a"] };
    await Deno.writeTextFile(`${folder}/model.json`, JSON.stringify(contract));
    const broken = fakeStage("segment", { needs: ["image"], gives: ["mask"], models: () => [folder] });
    const other = { ...options, plugins: [fakePlugin([broken])] };
    await assertRejects(() => runPipeline(pipelineOf(["acquire", "segment"]), other), ModelError, "model.onnx");
    await assertRejects(() => Deno.stat(`${folder}/out`), Deno.errors.NotFound);
  }));

Deno.test("finish sees all cases and adds to the summary and the files", () =>
  inFolder(async (folder) => {
    const report = fakeStage("report", {
      needs: ["image"],
      reads: ["image"],
      files: ["report.html"],
      work: (current) => current.write("picture/small.bin", Uint8Array.of(current.id.length)),
      finish: async ({ cases, run: head, read }) => {
        const bytes = await Promise.all(cases.map(({ id }) => read(id, "picture/small.bin")));
        assertEquals((head.summary as Record<string, unknown>).cases, { done: 3, failed: 0 });
        return { summary: { total: bytes.flatMap((part) => [...part]) }, files: { "report.html": Uint8Array.of(1) } };
      },
    });
    const { run: record, status } = await run(folder, { stages: [report] });
    assertEquals(status, 0);
    assertEquals(record.summary.total, [1, 2, 3]);
    assertEquals(record.files, ["report.html"]);
    assert((await names(folder)).includes("report.html"));
  }));

Deno.test("a stage sees no value that no stage gave", () =>
  inFolder(async (folder) => {
    const seen: unknown[] = [];
    const look = fakeStage("look", {
      needs: ["image"],
      uses: ["truth", "mask"],
      reads: ["mask"],
      work: (current) => void seen.push(current.truth, current.mask, current.host.mask, current.classes),
    });
    await run(folder, { stages: [look], inputs: ["a"] });
    assertEquals(seen, [undefined, undefined, undefined, undefined]);
    assert(fakeSource().gives.includes("truth?"));
  }));

Deno.test("two cases of one id get different folders", () =>
  inFolder(async (folder) => {
    const { run: record } = await run(folder, { inputs: ["a", "a"], stages: [defaultStages()[0]] });
    assertEquals(record.cases.map(({ id }) => id), ["a", "a-2"]);
  }));

Deno.test("a flag of a loop that stopped at its bound fails its case, and costs no readback of its own", () =>
  inFolder(async (folder) => {
    const flag = fakeStage("flag", {
      needs: ["image"],
      gives: ["mask", "checks"],
      work: ({ id }, engine) => ({
        checks: { "its mask is too long": engine.tensor(Float32Array.of(1, id === "bb" ? 1 : 0), [2]) },
      }),
    });
    const look = fakeStage("look", { needs: ["mask"], reads: ["mask"] });
    const { run: record, status, engine } = await run(folder, { stages: [flag, look] });
    assertEquals([status, record.cases.map(({ status }) => status)], [5, ["done", "failed", "done"]]);
    assertStringIncludes(record.cases[1].error?.message ?? "", "Cannot process bb.png as its mask is too long");
    assertEquals(record.cases[0].readbacks, 1);
    assertEquals(engine.alive, []);
  }));
