import { parseArgs } from "@std/cli";
import { UsageError } from "../errors.ts";

/** What `bench` is asked to do. */
export interface BenchArguments {
  /** Rows, files of kernels, or `compare` with two files. */
  readonly names: readonly string[];
  readonly rounds: number;
  /** Bindings of a kernel, `NAME=LAYOUT:SHAPE[:ELEMENT]`. */
  readonly bind: readonly string[];
  /** Params of a kernel, `NAME=NUMBER[,NUMBER...]`. */
  readonly params: readonly string[];
  /** Workgroups of a kernel, `X[,Y[,Z]]`. */
  readonly groups?: string;
  /** Operations and bytes of a kernel. */
  readonly work?: string;
  /** The file of the trace. */
  readonly trace?: string;
  /** The file of the report. */
  readonly report?: string;
  /** Measures forms and tile sizes and writes the table that engines choose by. */
  readonly tune: boolean;
  /** The table is the one that this program brings along, instead of the one in the cache. */
  readonly ship: boolean;
  /** Times our rows without their peers. */
  readonly alone: boolean;
  readonly json: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

/** What `bench --help` prints. */
export const usage = `deno task bench [NAME...] [--alone] [--rounds N] [--json] [--list] [--report FILE] [--trace FILE]
deno task bench FILE.wgsl --bind NAME=LAYOUT:SHAPE... --groups X,Y,Z [--param NAME=NUMBER]... [--work flops=N,bytes=N]
deno task bench FILE.ts | FILE.onnx
deno task bench --tune [NAME... | FILE.onnx] [--ship] [--rounds N]
deno task bench compare EARLIER.json LATER.json [--json]

Times kernels on this adapter against their peers (OpenCV, onnxruntime) where these are installed.
  NAME       only rows whose name contains it, such as models
  FILE.wgsl  a page of your own, with load_NAME and store_NAME for each --bind in the order of their numbers
  FILE.ts    a module whose default export is a list of rows: { name, work, prepare(engine) }, with expected values and variants
  FILE.onnx  a network, against onnxruntime
  --alone    without the peers
  --rounds   samples of each contender after the warm-up, at least 3 (default 9)
  --json     one JSON object on standard output instead of the table, with every sample
  --list     the rows' names
  --report   writes a self-contained page: the roofline with each kernel and its peers
  --trace    writes a Chrome trace of the rows' dispatches, for Perfetto
  --tune     times the forms of each operation in the rows and their tile sizes on this adapter and writes those that are
             faster than what would be chosen to a table in the cache, by which process and bench then choose; on
             lavapipe measures first how wide its vectors had best be
  --ship     with --tune: the table is the one that this program brings along for a software adapter
  compare    FAST, SLOW, SAME or UNSURE for each row of two files of --json; exit status 1 where one is SLOW`;

const texts = ["rounds", "groups", "work", "report", "trace"] as const;
const lists = ["bind", "param"] as const;
const flags = ["tune", "ship", "alone", "json", "list", "help"] as const;

/** Reads the arguments of `bench`. Throws a `UsageError` that names what is wrong. */
export function parseBenchArguments(args: readonly string[]): BenchArguments {
  const parsed = parseArgs(args, {
    boolean: flags,
    string: [...texts, ...lists],
    collect: lists,
    unknown: (argument, key) => {
      if (key === undefined) return true;
      const known = [...texts, ...lists, ...flags].map((name) => `--${name}`).join(", ");
      throw new UsageError(`Cannot use ${argument} as bench has no such option: it has ${known}`);
    },
  });
  for (const name of [...texts, ...lists]) {
    if ([parsed[name]].flat().includes("")) throw new UsageError(`Cannot use --${name} as it has no value: give one`);
  }
  const text = (name: typeof texts[number]) => parsed[name] as string | undefined;
  const rounds = Number(text("rounds") ?? 9);
  if (!Number.isInteger(rounds) || rounds < 3) {
    throw new UsageError(`--rounds is ${text("rounds")}, but must be a whole number from 3`);
  }
  return {
    names: parsed._.map(String),
    rounds,
    bind: parsed.bind as string[],
    params: parsed.param as string[],
    groups: text("groups"),
    work: text("work"),
    report: text("report"),
    trace: text("trace"),
    tune: parsed.tune === true,
    ship: parsed.ship === true,
    alone: parsed.alone === true,
    json: parsed.json === true,
    list: parsed.list === true,
    help: parsed.help === true,
  };
}
