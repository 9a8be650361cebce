/** The library in somebody else's program: imported by path and by URL, without our import map. */
import { assertEquals } from "@std/assert";
import { inFolder } from "./program.ts";

const root = new URL("../../", import.meta.url);

/** What an embedder may write: engine, filters, formats, and a pipeline from bytes to results in memory. */
const program = (library: string) => `
import {
  decode, defaultStages, definePlugin, defineStage, filters, loadPlugins, MemoryOutput, openEngine, optionsOf, runPipeline,
  type Decoded, type Placed, type RunOutcome,
} from "${library}";

await using engine = await openEngine();
using image = engine.tensor(Float32Array.of(1, 2, 3, 4), [1, 2, 2]);
using clean = engine.run((r) => filters.mean(r, image, { radius: 1 }));
const [values] = await engine.read([clean]);

const npy = new Uint8Array(128 + 16);
npy.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
npy.set(new TextEncoder().encode("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }".padEnd(117) + "\\n"), 10);
new Float32Array(npy.buffer, 128).set([1, 2, 3, 4]);
const decoded: Decoded = await decode(npy, "image.npy");

const output = new MemoryOutput();
const stages = [{ stage: "acquire" }, { stage: "denoise", options: { filter: "mean" } }, { stage: "export", options: { formats: "npy" } }];
const outcome: RunOutcome = await runPipeline({ stages }, {
  engine,
  plugins: await loadPlugins(),
  inputs: [{ name: "image.npy", bytes: npy }],
  output,
});
const place = (placed: Placed): readonly number[] => placed.geometry.spacing;
console.log(JSON.stringify([
  [...values as Float32Array].map((value) => Math.round(value * 100)),
  decoded.shape,
  outcome.status,
  [...output.files.keys()].sort(),
  [defaultStages.length > 0, typeof definePlugin, typeof defineStage, typeof optionsOf, typeof place],
]));
`;

const expected = JSON.stringify([
  [200, 233, 267, 300],
  [1, 2, 2],
  0,
  ["cases/image/case.json", "cases/image/image.npy", "run.json"],
  [true, "function", "function", "function", "function"],
]);

async function deno(folder: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: folder, stdout: "piped", stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  const said = new TextDecoder().decode(stderr);
  assertEquals([success, said.includes("error")], [true, false], said);
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("a program elsewhere imports the library by its path: its types are clean, and it runs", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/main.ts`, program(new URL("mod.ts", root).href));
    await Deno.writeTextFile(`${folder}/deno.json`, "{}");
    await deno(folder, "check", "--no-lock", "main.ts");
    assertEquals(await deno(folder, "run", "-A", "--no-lock", "main.ts"), expected);
  }));

Deno.test("a program elsewhere imports the library by a URL", () =>
  inFolder(async (folder) => {
    const types: Readonly<Record<string, string>> = {
      ts: "application/typescript",
      json: "application/json",
      css: "text/css",
    };
    await using server = Deno.serve({ port: 0, onListen: () => {} }, async (request) => {
      const path = decodeURIComponent(new URL(request.url).pathname).slice(1);
      try {
        const type = types[path.split(".").at(-1)!] ?? "text/plain";
        return new Response(await Deno.readFile(new URL(path, root)), { headers: { "content-type": type } });
      } catch {
        return new Response("none", { status: 404 });
      }
    });
    const library = `http://localhost:${server.addr.port}/mod.ts`;
    await Deno.writeTextFile(`${folder}/main.ts`, program(library));
    await Deno.writeTextFile(`${folder}/deno.json`, "{}");
    assertEquals(await deno(folder, "run", "-A", "--no-lock", "--quiet", "main.ts"), expected);
  }));

Deno.test("no module of the library needs an import map", async () => {
  const bare: string[] = [];
  const visit = async (folder: URL): Promise<void> => {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.isDirectory) await visit(new URL(`${entry.name}/`, folder));
      if (!entry.name.endsWith(".ts")) continue;
      const text = await Deno.readTextFile(new URL(entry.name, folder));
      for (const [, from, loaded] of text.matchAll(/^(?:import|export|\}).* from "([^"]+)"|import\("([^"]+)"\)/gm)) {
        const name = from ?? loaded;
        if (!/^(\.|npm:|node:)/.test(name)) {
          bare.push(`${folder.pathname.slice(root.pathname.length)}${entry.name}: ${name}`);
        }
      }
    }
  };
  await visit(new URL("shaders/", root));
  await visit(new URL("plugins/", root));
  for await (const { name, isDirectory } of Deno.readDir(new URL("engine/", root))) {
    // The commands are no part of the library, and the stand-ins have the names of what they stand in for.
    if (isDirectory && name !== "commands" && name !== "std") await visit(new URL(`engine/${name}/`, root));
  }
  assertEquals(bare, []);
});
