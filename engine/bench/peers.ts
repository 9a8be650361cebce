/** The programs that the bench's rows stand beside, as processes of their own. */

import { fileURLToPath } from "node:url";
import type { BenchRow, PeerWork } from "./rows.ts";

/** One contender of a row. */
export interface Peer {
  /** The program, for the reader. */
  readonly name: string;
  /** Milliseconds of one run, or why there is none. */
  run(): Promise<{ ms: number } | { missing: string }>;
}

/** The peers, started when a row needs them and ended with `await using`. */
export interface Peers extends AsyncDisposable {
  for(row: BenchRow): Peer[];
}

const root = new URL("../../", import.meta.url);

/** Peers of all rows: the Python scripts in `TEST_DATA` and `tests/bench`, and onnxruntime as `tests/bench` brings it. */
export function peersOf(): Peers {
  const processes = new Map<string, OnnxruntimeProcess>();
  const onnxruntime = (kind: "web" | "node") => {
    const known = processes.get(kind) ?? new OnnxruntimeProcess(kind);
    processes.set(kind, known);
    return known;
  };
  return {
    for: ({ peers = [] }) =>
      peers.flatMap((peer) => {
        if (peer.kind === "python") return [{ name: `${peer.script} ${peer.work}`, run: () => runPython(peer) }];
        const { kind: _, ...work } = peer;
        return (["web", "node"] as const).map((kind) => ({
          name: `onnxruntime-${kind}`,
          run: () => onnxruntime(kind).run(work),
        }));
      }),
    async [Symbol.asyncDispose]() {
      for (const peer of processes.values()) await peer.close();
    },
  };
}

async function runPython(peer: PeerWork & { kind: "python" }): Promise<{ ms: number } | { missing: string }> {
  const data = Deno.env.get("TEST_DATA") ?? fileURLToPath(new URL("../shared/data", root));
  const folder = peer.script === "filters_peer.py" ? `${data}/peers` : fileURLToPath(new URL("tests/bench", root));
  const script = `${folder}/${peer.script}`;
  const args = [script, "--work", peer.work, "--size", String(peer.size), "--repeat", "3"];
  try {
    const { stdout, stderr } = await new Deno.Command("/usr/bin/python3", { args, stderr: "piped" }).output();
    const text = new TextDecoder().decode(stdout).trim();
    if (text === "") return { missing: new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "no output" };
    const answer = JSON.parse(text);
    return answer.missing === undefined ? { ms: answer.median_s * 1000 } : { missing: answer.missing };
  } catch (error) {
    return { missing: (error as Error).message };
  }
}

/** `tests/bench/onnxruntime_peer.ts`: a line of work in, a line of milliseconds out. */
class OnnxruntimeProcess {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;

  constructor(kind: "web" | "node") {
    const folder = fileURLToPath(new URL("tests/bench/", root));
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", `${folder}deno.json`, `${folder}onnxruntime_peer.ts`, kind],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
  }

  async run(work: object): Promise<{ ms: number } | { missing: string }> {
    try {
      await this.#input.write(new TextEncoder().encode(JSON.stringify(work) + "\n"));
      const { value, done } = await this.#lines.next();
      return done ? { missing: "onnxruntime could not be started: run it once with network" } : JSON.parse(value);
    } catch (error) {
      return { missing: (error as Error).message };
    }
  }

  async close(): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#child.status;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
