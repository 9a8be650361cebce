/** What a run may do, what it prints, and what becomes of it when nobody hears it any more. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { writeImages } from "../interrupted_runs.ts";
import { filesIn, inFolder, root, run, start, taskFlags, waitForCases } from "./program.ts";

const here = (name: string): string => new URL(name, import.meta.url).pathname;
const slow = ["--plugin", here("./slow_plugin.ts"), "--stages", "acquire,slow,export", "--set", "export.formats=npy"];

Deno.test("a plugin reads its inputs and writes results, and may do nothing else", () =>
  inFolder(async (folder) => {
    await writeImages(`${folder}/in`, 1);
    const args = [`${folder}/in`, "--plugin", here("./greedy_plugin.ts"), "--stages", "acquire,greedy"];
    const ended = await run("process", [...args, "--output", `${folder}/deep/out`]);
    assertEquals(ended.status, 0, ended.stderr);
    const { cases } = JSON.parse(await Deno.readTextFile(`${folder}/deep/out/run.json`));
    assertEquals(cases[0].measures.got, []);
  }));

Deno.test("--plugin takes files only", () =>
  inFolder(async (folder) => {
    await writeImages(`${folder}/in`, 1);
    for (const plugin of ["data:text/javascript,export default {}", "https://example.org/x.ts", "npm:x"]) {
      const ended = await run("process", [`${folder}/in`, "--plugin", plugin, "--output", `${folder}/out`]);
      assertEquals(ended.status, 2, ended.stderr);
      assertStringIncludes(ended.stderr, `Cannot use --plugin ${plugin} as it isn't a file`);
    }
  }));

Deno.test("a start prints no lines but ours, and control characters of names never reach the terminal", () =>
  inFolder(async (folder) => {
    const wild = `${folder}/in/red\x1b[31m\x07\u202egnp.npy`;
    await writeImages(`${folder}/in`, 1);
    await Deno.rename(`${folder}/in/image1.npy`, wild);
    await Deno.writeTextFile(`${folder}/in/bad\r\x9b2Jname.npy`, "no image");
    for (const json of [[], ["--json"]]) {
      const args = [
        `${folder}/in`,
        ...slow,
        "--set",
        "slow.milliseconds=0",
        "--output",
        `${folder}/out`,
        "--overwrite",
      ];
      const ended = await run("process", [...args, ...json]);
      assertEquals(ended.status, 5, ended.stderr);
      // deno-lint-ignore no-control-regex -- the very characters that must not be there
      const controls = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;
      assert(!controls.test(ended.stdout + ended.stderr), JSON.stringify(ended));
      if (json.length > 0) assertEquals(ended.stderr, "");
      else assertMatch(ended.stderr, /^2 cases on .*\n.*failed: .*bad\\x0d\\x9b2Jname\.npy.*\n.*done \(2 of 2\)\n$/);
    }
    const wrong = await run("process", [`${folder}/in`, "--set", "a.b\x1b[2J=1", "--output", `${folder}/other`]);
    assertEquals([wrong.status, wrong.stderr.includes("\x1b")], [2, false]);
    const strange = await run("process", ["--\x1b[2J"]);
    assertEquals([strange.status, strange.stderr.includes("\x1b")], [2, false]);
  }));

Deno.test("a hang-up, a closed pipe and a full device end a run cleanly, each with its status", async (test) => {
  const command = (args: readonly string[], rest: string) =>
    new Deno.Command("sh", {
      args: [
        "-c",
        `"$0" "$@" ${rest}`,
        Deno.execPath(),
        "run",
        "--no-prompt",
        ...taskFlags("process"),
        "main.ts",
        ...args,
      ],
      cwd: root,
      stdout: "piped",
      stderr: "piped",
    });
  const ends: [name: string, rest: string, status: number][] = [
    ["a closed pipe", "2>/dev/null | head -n 1 >/dev/null", 141],
    ["a full device", ">/dev/full 2>/dev/null", 74],
    ["a full device for progress", ">/dev/null 2>/dev/full", 74],
  ];
  for (const [name, rest, status] of ends) {
    await test.step(name, () =>
      inFolder(async (folder) => {
        await writeImages(`${folder}/in`, 3);
        const args = ["process", `${folder}/in`, ...slow, "--json", "--output", `${folder}/out`];
        const isPipe = rest.includes("|");
        const own = rest.includes("2>/dev/full") ? args.filter((arg) => arg !== "--json") : args;
        const { code } = isPipe
          ? await new Deno.Command("bash", {
            args: [
              "-c",
              `set -o pipefail; "$0" "$@" ${rest}`,
              Deno.execPath(),
              "run",
              ...taskFlags("process"),
              "main.ts",
              ...own,
            ],
            cwd: root,
          }).output()
          : await command(own, rest).output();
        assertEquals(code, status);
        const { status: state, cases } = JSON.parse(await Deno.readTextFile(`${folder}/out/run.json`));
        assertEquals(state, "interrupted");
        assert(cases.length < 3, `${cases.length} cases are done`);
        const left = (await filesIn(`${folder}/out`)).filter((path) =>
          path.includes(".partial") || path.includes(".lock")
        );
        assertEquals(left, []);
      }));
  }
  await test.step("a hang-up", () =>
    inFolder(async (folder) => {
      await writeImages(`${folder}/in`, 4);
      const process = start("process", [`${folder}/in`, ...slow, "--output", `${folder}/out`, "--json"]);
      await waitForCases(process, 1);
      process.kill("SIGHUP");
      const [{ code }] = await Promise.all([process.status, process.stderr.pipeTo(new WritableStream())]);
      assertEquals(code, 129);
      assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/out/run.json`)).status, "interrupted");
    }));
});
