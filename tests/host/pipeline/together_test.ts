/** Cases that go through the device together. */
import { assertEquals } from "@std/assert";
import { InputError, type SomeValues, type Stage } from "../../../engine/pipeline/mod.ts";
import { run, type Setup } from "./fake_runs.ts";
import { FakeEngine, fakeStage, placed } from "./fakes.ts";
import { inFolder, names } from "./output_runs.ts";

/** A stage whose work on some cases at once is noted in `groups`, and fails where `fails` says so. */
function batched(groups: string[][], fails: (id: string) => boolean = () => false): Stage {
  const maskOf = (engine: FakeEngine, id: string): SomeValues => {
    return { mask: placed(engine.tensor(Float32Array.of(Number(id.slice(1))), [1, 1])) };
  };
  const note = (ids: string[]) => {
    groups.push(ids);
    const failing = ids.find(fails);
    if (failing !== undefined) throw new InputError(`Cannot segment ${failing}`);
  };
  return fakeStage("segment", {
    needs: ["image"],
    gives: ["mask"],
    work: ({ id }, engine) => {
      note([id]);
      return maskOf(engine, id);
    },
    together: (cases, engine) => {
      note(cases.map(({ id }) => id));
      return cases.map(({ id }) => maskOf(engine, id));
    },
  });
}

/** A stage that writes the mask. */
const write = fakeStage("write", {
  needs: ["mask"],
  reads: ["mask"],
  work: (current) => {
    const { data } = current.host.mask!.tensor;
    return current.write("mask.bin", new Uint8Array((data as Float32Array).slice().buffer));
  },
});

const inputs = (count: number) => Array.from({ length: count }, (_, at) => `c${at}`);
const runOf = (folder: string, setup: Setup, groups: string[][], fails?: (id: string) => boolean) =>
  run(folder, { stages: [batched(groups, fails), write], ...setup });

/** How many cases went together, in order. */
const sizes = (groups: readonly string[][]) => groups.map((group) => group.length);

Deno.test("of many images of one shape the first go alone, so that the first result is no later, then four at once", () =>
  inFolder(async (folder) => {
    const groups: string[][] = [];
    const engine = new FakeEngine();
    const { run: record, status } = await runOf(folder, { engine, inputs: inputs(25) }, groups);
    assertEquals(status, 0);
    assertEquals(sizes(groups), [1, 1, 1, 4, 4, 4, 4, 4, 1, 1]);
    assertEquals(groups.flat(), inputs(25));
    assertEquals(engine.log.filter((entry) => entry === "read").length, groups.length);
    assertEquals(
      new Set(record.cases.map(({ readbacks, readbackBytes }) => `${readbacks} of ${readbackBytes}`)).size,
      1,
    );
    assertEquals(record.cases.map(({ id }) => id), inputs(25));
    for (const { id } of record.cases) {
      const [mask] = new Float32Array((await Deno.readFile(`${folder}/cases/${id}/mask.bin`)).buffer);
      assertEquals(mask, Number(id.slice(1)));
    }
    assertEquals(engine.alive, []);
    assertEquals(engine.tensors.filter((tensor) => tensor.disposals !== 1), []);
  }));

Deno.test("few cases, and those of a run that is to stop at the first failure, go one by one", async (test) => {
  for (const setup of [{ inputs: inputs(23) }, { inputs: inputs(25), failFast: true }]) {
    await test.step(`${setup.inputs.length} cases`, () =>
      inFolder(async (folder) => {
        const groups: string[][] = [];
        await runOf(folder, setup, groups);
        assertEquals(new Set(sizes(groups)), new Set([1]));
      }));
  }
});

Deno.test("what fails together is run again one by one, and only the case that fails is lost", () =>
  inFolder(async (folder) => {
    const groups: string[][] = [];
    const engine = new FakeEngine();
    const { run: record, status } = await runOf(folder, { engine, inputs: inputs(25) }, groups, (id) => id === "c5");
    assertEquals(status, 5);
    assertEquals(groups.slice(3, 8), [["c3", "c4", "c5", "c6"], ["c3"], ["c4"], ["c5"], ["c6"]]);
    const failed = record.cases.filter(({ status }) => status === "failed");
    assertEquals(failed.map(({ id, error }) => [id, error?.message]), [["c5", "Cannot segment c5"]]);
    assertEquals((await names(folder)).filter((name) => name.endsWith("mask.bin")).length, 24);
    assertEquals(engine.alive, []);
  }));

Deno.test("an input that can't be read is no part of a group, and an interrupt leaves what is done", () =>
  inFolder(async (folder) => {
    const groups: string[][] = [];
    const engine = new FakeEngine();
    const interruption = new AbortController();
    let done = 0;
    const { run: record, status } = await runOf(folder, {
      engine,
      inputs: inputs(30).with(9, "bad"),
      signal: interruption.signal,
      onEvent: ({ type }) => {
        if (type === "case" && ++done === 12) interruption.abort();
      },
    }, groups);
    assertEquals(status, 130);
    assertEquals(groups.slice(3, 7), [["c3", "c4", "c5", "c6"], ["c7"], ["c8"], ["c10", "c11", "c12", "c13"]]);
    assertEquals(record.cases.every(({ id, status }) => status === (id === "bad" ? "failed" : "done")), true);
    assertEquals(engine.alive, []);
    const { run: resumed } = await runOf(folder, { inputs: inputs(30).with(9, "bad"), existing: "resume" }, []);
    assertEquals(resumed.summary.cases, { done: 29, failed: 1 });
  }));
