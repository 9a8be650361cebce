/** The folder of the results: what lies in it is data, and only what this program wrote is ever replaced or removed. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  InputError,
  OutputFolder,
  pipelineOf,
  type RunOptions,
  runPipeline,
  UsageError,
} from "../../../engine/pipeline/mod.ts";
import { FakeEngine, fakePlugin, fakeSource, fakeStage } from "./fakes.ts";
import { contents, edit, inFolder, names, picture, run, written } from "./output_runs.ts";

Deno.test("a run leaves its results and nothing else", () =>
  inFolder(async (folder) => {
    await run(`${folder}/deep/out`);
    assertEquals(await names(`${folder}/deep/out`), written);
    // A run that can't be started leaves not even the folder that it made.
    await assertRejects(() => run(`${folder}/new/out`, { ids: [] }), InputError);
    await assertRejects(() => Deno.stat(`${folder}/new`), Deno.errors.NotFound);
  }));

Deno.test("what a run.json names is removed only if it is as this program wrote it", async (test) => {
  const study = { study: "demonstration" };
  const overwrite = { existing: "overwrite" } as const;
  for (const setup of [study, overwrite]) {
    for (const path of ["../precious", "precious", "deep/precious", "/precious", "deep/../precious"]) {
      await test.step(`${path} by ${JSON.stringify(setup)}`, () =>
        inFolder(async (folder) => {
          await Deno.mkdir(`${folder}/out/deep`, { recursive: true });
          for (const place of ["precious", "out/precious", "out/deep/precious"]) {
            await Deno.writeTextFile(`${folder}/${place}`, "mine");
          }
          await run(`${folder}/out`, study);
          const named = path.startsWith("/") ? `${folder}${path}` : path;
          await edit(`${folder}/out/run.json`, (record) => {
            record.files = [named];
            (record.outputs as unknown[]).push({ path: named, bytes: 4, sha256: "0".repeat(64) });
          });
          const error = await assertRejects(() => run(`${folder}/out`, setup), UsageError);
          assertStringIncludes(error.message, named);
          assertStringIncludes(error.message, "is not as this program wrote it: move it away");
          for (const place of ["precious", "out/precious", "out/deep/precious"]) {
            assertEquals(await Deno.readTextFile(`${folder}/${place}`), "mine");
          }
          assertEquals((await names(`${folder}/out`)).filter((name) => !name.includes("precious")), written);
        }));
    }
  }
});

Deno.test("a run is replaced by --overwrite, and what others put beside it stays", () =>
  inFolder(async (folder) => {
    await run(folder);
    await Deno.writeTextFile(`${folder}/thesis.docx`, "mine");
    await Deno.mkdir(`${folder}/cases/scans`);
    await Deno.writeTextFile(`${folder}/cases/scans/one.dcm`, "mine");
    await Deno.writeTextFile(`${folder}/cases/two.dcm`, "mine");
    await run(folder, { existing: "overwrite", ids: ["c"] });
    assertEquals(await names(folder), [
      "cases/c/case.json",
      "cases/c/deep/picture.jpg",
      "cases/scans/one.dcm",
      "cases/two.dcm",
      "report.html",
      "run.json",
      "thesis.docx",
    ]);
  }));

Deno.test("foreign files where results go are refused by name, and stay", async (test) => {
  const places: [place: string, existing: RunOptions["existing"]][] = [
    ["cases/a/mine.txt", "refuse"],
    ["cases/b/deep/picture.jpg", "refuse"],
    ["report.html", "refuse"],
    ["cases/a/notes.txt", "overwrite"],
    ["cases/a/deep/picture.jpg", "overwrite"],
    ["report.html", "overwrite"],
    ["cases/a/notes.txt", "resume"],
    ["cases/a/deep/picture.jpg", "resume"],
    ["report.html", "resume"],
  ];
  for (const [place, existing] of places) {
    await test.step(`${place}, ${existing}`, () =>
      inFolder(async (folder) => {
        if (existing !== "refuse") await run(folder);
        await Deno.mkdir(`${folder}/${place}`.replace(/\/[^/]*$/, ""), { recursive: true });
        await Deno.writeTextFile(`${folder}/${place}`, "mine");
        const before = await contents(folder);
        const error = await assertRejects(() => run(folder, { existing }), UsageError);
        assertStringIncludes(error.message, `${folder}/${place}`);
        assertEquals(await contents(folder), before);
      }));
  }
});

Deno.test("no link within the folder is followed, for reading, writing or removing", async (test) => {
  const links: [link: string, target: string][] = [
    ["run.json", "precious"],
    ["report.html", "precious"],
    ["cases", "elsewhere"],
    ["cases/a", "elsewhere"],
    [".isocenter.lock", "precious"],
    ["cases/a/deep", "elsewhere"],
  ];
  for (const [link, target] of links) {
    for (const existing of ["refuse", "overwrite"] as const) {
      await test.step(`${link}, ${existing}`, () =>
        inFolder(async (folder) => {
          const out = `${folder}/out`;
          await Deno.mkdir(`${folder}/elsewhere/a`, { recursive: true });
          await Deno.writeTextFile(`${folder}/elsewhere/a/case.json`, "mine");
          await Deno.writeTextFile(`${folder}/elsewhere/picture.jpg`, "picture of a");
          await Deno.writeTextFile(`${folder}/precious`, "mine");
          if (existing === "overwrite") await run(out);
          else await Deno.mkdir(out);
          await Deno.remove(`${out}/${link}`, { recursive: true }).catch(() => {});
          await Deno.mkdir(`${out}/${link}`.replace(/\/[^/]*$/, ""), { recursive: true });
          await Deno.symlink(`${folder}/${target}`, `${out}/${link}`);
          await assertRejects(() => run(out, { existing }), UsageError, "not as this program wrote it");
          assertEquals(await Deno.readTextFile(`${folder}/precious`), "mine");
          assertEquals(await Deno.readTextFile(`${folder}/elsewhere/a/case.json`), "mine");
          assertEquals(await Deno.readTextFile(`${folder}/elsewhere/picture.jpg`), "picture of a");
        }));
    }
  }
});

Deno.test("a link in the place of an earlier version's temporary file is left alone", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/precious`, "mine");
    await Deno.mkdir(`${folder}/out`);
    await Deno.symlink(`${folder}/precious`, `${folder}/out/.partial-run.json`);
    await run(`${folder}/out`);
    assertEquals(await Deno.readTextFile(`${folder}/precious`), "mine");
  }));

Deno.test("an output that is, holds or lies in an input is refused", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/scans/sub`, { recursive: true });
    await Deno.writeTextFile(`${folder}/scans/one.png`, "x");
    await Deno.symlink(`${folder}/scans`, `${folder}/link`);
    const cases: [output: string, input: string, how: string][] = [
      ["scans", "scans", "it is"],
      ["scans/", "./scans", "it is"],
      [".", "scans", "it holds"],
      ["scans/results", "scans", "it lies in"],
      ["scans", "scans/one.png", "it holds"],
      ["link/results", "scans", "it lies in"],
      ["scans/new/results", "link", "it lies in"],
      ["link", "scans", "it is"],
    ];
    for (const [output, input, how] of cases) {
      const options = {
        engine: new FakeEngine(),
        plugins: [fakePlugin([picture])],
        inputs: [`${folder}/${input}`],
        output: `${folder}/${output}`,
      };
      const error = await assertRejects(() => runPipeline(pipelineOf(["acquire", "picture"]), options), UsageError);
      assertStringIncludes(error.message, `as ${how} the input ${folder}/${input}`);
    }
    assertEquals(await names(`${folder}/scans`), ["one.png"]);
    // A neighbor of a similar name is no part of it.
    await Deno.mkdir(`${folder}/scans-results`);
    const apart = new OutputFolder(`${folder}/scans-results`);
    await apart.proveApart([`${folder}/scans`]);
  }));

Deno.test("two runs on one folder: the loser names the holder, and the winner's results are whole", () =>
  inFolder(async (folder) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const wait = fakeStage("wait", {
      needs: ["image"],
      work: async () => {
        reached.resolve();
        await promise;
      },
    });
    const first = run(folder, { stages: [wait, picture] });
    await reached.promise;
    for (const existing of ["refuse", "overwrite", "resume"] as const) {
      const error = await assertRejects(() => run(folder, { existing }), UsageError);
      assertStringIncludes(error.message, `as process ${Deno.pid} (since `);
    }
    resolve();
    assertEquals((await first).status, 0);
    assertEquals(await names(folder), written);
    assertEquals((await run(folder, { existing: "overwrite" })).status, 0);
  }));

Deno.test("what a killed run has left is known by its lock, and removed", () =>
  inFolder(async (folder) => {
    const token = "0123456789abcdef";
    await Deno.mkdir(`${folder}/.partial-${token}/cases/a`, { recursive: true });
    await Deno.writeTextFile(`${folder}/.partial-${token}/cases/a/half.png`, "x");
    await Deno.mkdir(`${folder}/.partial-other`);
    await Deno.writeTextFile(`${folder}/.partial-other/mine`, "mine");
    const holder = { pid: 999_999_999, since: new Date().toISOString(), token };
    await Deno.writeTextFile(`${folder}/.isocenter.lock`, JSON.stringify(holder));
    await run(folder);
    assertEquals(await names(folder), [".partial-other/mine", ...written]);
  }));

Deno.test("a holder that has the lock and has not yet said who it is, is named nevertheless", () =>
  inFolder(async (folder) => {
    const path = `${folder}/.isocenter.lock`;
    const before = { pid: 999_999_999, since: new Date().toISOString(), token: "0123456789abcdef" };
    const program = `
      const [path, before] = Deno.args;
      const file = Deno.openSync(path, { read: true, write: true, create: true });
      file.lockSync(true);
      console.log("locked");
      await new Promise((resolve) => setTimeout(resolve, 100));
      Deno.writeTextFileSync(path, JSON.stringify({ ...JSON.parse(before), pid: Deno.pid }));
      for await (const _ of Deno.stdin.readable);`;
    const code = `data:application/javascript,${encodeURIComponent(program)}`;
    const holder = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-config", code, path, JSON.stringify(before)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const told = holder.stdout.getReader();
    await told.read();
    await assertRejects(() => run(folder), UsageError, `as process ${holder.pid} (since `);
    await told.cancel();
    await holder.stdin.close();
    await holder.status;
    assertEquals((await run(folder)).status, 0);
  }));

Deno.test("a lock that is none of ours is refused, and stays", () =>
  inFolder(async (folder) => {
    for (const text of ["my notes", JSON.stringify({ pid: 1, since: "x", token: "../../precious" })]) {
      await Deno.writeTextFile(`${folder}/.isocenter.lock`, text);
      await assertRejects(() => run(folder), UsageError, ".isocenter.lock is not as this program wrote it");
      assertEquals(await Deno.readTextFile(`${folder}/.isocenter.lock`), text);
    }
  }));

Deno.test("ids are fit for folders: never empty, never elsewhere, short, and unlike each other", () =>
  inFolder(async (folder) => {
    const wild = [
      "",
      "../../victim",
      "/etc/passwd",
      ".",
      "..",
      "a/b",
      "con",
      "A",
      "a",
      "x".repeat(400),
      "é".repeat(200),
    ];
    const source = {
      ...fakeSource(),
      open: () => ({
        list: () => wild.map((id) => ({ id, source: "s", sources: [] })),
        load: (_: unknown, { engine }: { engine: FakeEngine }) =>
          Promise.resolve({
            image: {
              tensor: engine.tensor(new Float32Array(1), [1, 1, 1]),
              geometry: { spacing: [1, 1], affine: new Array(16).fill(0), spacingKnown: false },
            },
          }),
      }),
    } as never;
    await Deno.mkdir(`${folder}/victim`);
    const out = `${folder}/deep/out`;
    const { run: record, status } = await runPipeline(pipelineOf(["acquire", "picture"]), {
      engine: new FakeEngine(),
      plugins: [fakePlugin([picture], source)],
      inputs: ["s"],
      output: out,
    });
    assertEquals(status, 0, JSON.stringify(record.cases.map(({ error }) => error)));
    const ids = record.cases.map(({ id }) => id);
    assertEquals(new Set(ids.map((id) => id.toLowerCase())).size, wild.length);
    assert(
      ids.every((id) => /^[^./\\][^/\\]*$/.test(id) && new TextEncoder().encode(id).length <= 130),
      ids.join("\n"),
    );
    assertEquals([ids[7], ids[8]], ["A", "a-2"]);
    assertEquals((await Array.fromAsync(Deno.readDir(`${out}/cases`))).length, wild.length);
    assertEquals(await names(`${folder}/victim`), []);
  }));

Deno.test("an output that no file system takes is a wrong command", () =>
  inFolder(async (folder) => {
    for (const name of ["x".repeat(300), `${"deep/".repeat(3)}${"x".repeat(300)}/out`]) {
      await assertRejects(() => run(`${folder}/${name}`), UsageError, "Cannot write ");
    }
    await Deno.writeTextFile(`${folder}/file`, "mine");
    await assertRejects(() => run(`${folder}/file/out`), UsageError, "Cannot write ");
    assertEquals(await contents(folder), { file: "mine" });
  }));

Deno.test("a case whose folder can't be written fails alone", () =>
  inFolder(async (folder) => {
    const writeFile = async (path: string, bytes: Uint8Array) => {
      if (path.includes("/cases/a/")) throw new Deno.errors.NotADirectory("Not a directory (os error 20)");
      await Deno.writeFile(path, bytes);
    };
    const { run: record, status } = await run(folder, { output: new OutputFolder(folder, writeFile) });
    assertEquals([status, record.cases.map((one) => one.status)], [5, ["failed", "done"]]);
    // And one whose place is taken while it is worked on.
    const take = fakeStage("take", {
      needs: ["image"],
      work: async ({ id }) => {
        if (id !== "a") return;
        await Deno.mkdir(`${folder}/two/cases/a`, { recursive: true });
        await Deno.writeTextFile(`${folder}/two/cases/a/mine.txt`, "mine");
      },
    });
    const taken = await run(`${folder}/two`, { stages: [take, picture] });
    assertEquals([taken.status, taken.run.cases.map((one) => one.status)], [5, ["failed", "done"]]);
    assertEquals(await Deno.readTextFile(`${folder}/two/cases/a/mine.txt`), "mine");
  }));

Deno.test("a case goes on while its files are written: all are there, of one name the last", () =>
  inFolder(async (folder) => {
    const texts = Array.from({ length: 20 }, (_, at) => `text ${at}`);
    const many = fakeStage("many", {
      needs: ["image"],
      reads: ["image"],
      work: async ({ write }) => {
        for (const [at, text] of texts.entries()) await write(`deep/${at % 15}.txt`, new TextEncoder().encode(text));
        const bytes = new TextEncoder().encode("as it was given");
        await write("reused.txt", bytes);
        bytes.fill(0);
      },
    });
    const { status, run: record } = await run(folder, { stages: [many], ids: ["a"] });
    assertEquals(status, 0);
    const written = await contents(`${folder}/cases/a`);
    for (let at = 0; at < 15; at++) assertEquals(written[`deep/${at}.txt`], texts[at < 5 ? at + 15 : at]);
    assertEquals(written["reused.txt"], "as it was given");
    assertEquals(record.cases[0].files.length, 15 + 2);
    const again = await run(folder, { stages: [many], ids: ["a"], existing: "resume" });
    assertEquals(again.run.cases[0].outputs, record.cases[0].outputs);
  }));
