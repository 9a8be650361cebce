import { parseArgs } from "@std/cli";
import { UsageError } from "../errors.ts";

/** What `diff` is asked to do. */
export interface DiffArguments {
  readonly model: string;
  /** Files of inputs: `FILE` for the first, or `NAME=FILE`. */
  readonly inputs: readonly string[];
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly twin: boolean;
  /** Most that a node may be off by. */
  readonly bound: number;
  /** Folder of the reproduction. */
  readonly output: string;
  readonly json: boolean;
  readonly help: boolean;
}

/** What `diff --help` prints. */
export const usage = `deno task diff MODEL [INPUT | NAME=INPUT]... [--shape NAME=SIZES]... [--twin] [--bound ERROR]
                [--output FOLDER] [--json]

Runs a network here and on onnxruntime-web, then each node by itself on what onnxruntime-web computed before it, and
names the first node whose error exceeds the bound.
  MODEL     a folder with model.json, or an ONNX file
  INPUT     a .npy file or a serialized ONNX tensor (.pb); inputs that aren't given are seeded noise
  --shape   the shape of an input that the model leaves open, such as image=1,3,224,224
  --twin    also compares with the operations' definitions in f64, which shows which of the two is off (slow)
  --bound   greatest error of a node relative to its greatest value (default 1e-4)
  --output  folder for the reproduction: the node as model.onnx with test_data_set_0, as ONNX's tests have it
            (default difference)
  --json    one JSON object on standard output
Exit status 1 where the error of a node, or of the whole network, exceeds the bound.`;

const flags = ["twin", "json", "help"] as const;
const texts = ["shape", "bound", "output"] as const;

/** Reads the arguments of `diff`. Throws a `UsageError` that names what is wrong. */
export function parseDiffArguments(args: readonly string[]): DiffArguments {
  const parsed = parseArgs(args, {
    boolean: flags,
    string: texts,
    collect: ["shape"],
    unknown: (argument, key) => {
      if (key === undefined) return true;
      const known = [...texts, ...flags].map((name) => `--${name}`).join(", ");
      throw new UsageError(`Cannot use ${argument} as diff has no such option: it has ${known}`);
    },
  });
  const [model, ...inputs] = parsed._.map(String);
  if (model === undefined && !parsed.help) throw new UsageError("diff needs a model: deno task diff MODEL [INPUT]");
  const bound = Number(parsed.bound ?? 1e-4);
  if (!(bound > 0)) throw new UsageError(`--bound is ${parsed.bound}, it must be a number above 0, such as 1e-4`);
  const shapes = new Map((parsed.shape as string[] | undefined ?? []).map(shapeOf));
  const [twin, json, help] = flags.map((flag) => parsed[flag] === true);
  return { model, inputs, shapes, twin, bound, output: String(parsed.output ?? "difference"), json, help };
}

/** A shape as the command line has it: `NAME=1,3,224,224`. Throws a `UsageError`. */
export function shapeOf(text: string): [string, number[]] {
  const [, name, sizes] = /^(.+)=(\d+(?:,\d+)*)$/.exec(text) ?? [];
  if (name === undefined) throw new UsageError(`--shape is ${text}, it must be like image=1,3,224,224`);
  return [name, sizes.split(",").map(Number)];
}
