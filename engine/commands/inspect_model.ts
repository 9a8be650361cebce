/** What `inspect` says of a model: a folder with `model.json`, or an ONNX file. */
import { UsageError } from "../errors.ts";
import { describeModel, fetchModel, type ModelDescription, readExternalFiles, readModel } from "../graph/mod.ts";
import { counted } from "../pipeline/mod.ts";
import { shapeOf } from "./diff_arguments.ts";

/** Whether a path is taken for a model. */
export async function isModel(path: string): Promise<boolean> {
  if (path.endsWith(".onnx")) return true;
  return await Deno.stat(`${path}/model.json`).then(({ isFile }) => isFile, () => false);
}

/** Describes a model without a device. `shapes` are given as `NAME=1,3,224,224`. */
export async function inspectModel(
  path: string,
  shapes: readonly string[],
): Promise<{ lines: string[]; json: ModelDescription }> {
  const { bytes, name, path: file } = await fetchModel(path);
  const model = readModel(bytes, name, file === undefined ? undefined : await readExternalFiles(file, bytes));
  const given = Object.fromEntries(shapes.map(shapeOf));
  const stray = Object.keys(given).find((input) => !model.inputs.some((own) => own.name === input));
  if (stray !== undefined) {
    throw new UsageError(`--shape names ${stray}, but ${name} has ${model.inputs.map((own) => own.name).join(", ")}`);
  }
  const json = describeModel(model, given);
  return { lines: linesOf(name, json), json };
}

const number = (value: number) => value.toLocaleString("en-US");
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name, n]) => `${name} ${n}`).join(
    ", ",
  );
}

function linesOf(name: string, described: ModelDescription): string[] {
  const { opset, inputs, outputs, operators, parameters, unsupported, begin, open } = described;
  const values = (list: ModelDescription["inputs"]) =>
    list.map(({ name, dtype, shape, anyShape }) =>
      `${name}: ${dtype} ${anyShape ? "of any shape" : `[${shape.join(", ")}]`}`
    )
      .join("; ");
  // Exporters write each number of a shape as a node: those would hide what the network does.
  const { Constant: numbers = 0, ...others } = operators;
  const lines = [
    name,
    `opset       ${opset}`,
    `inputs      ${values(inputs)}`,
    `outputs     ${values(outputs)}`,
    `operators   ${[counts(others), ...numbers > 0 ? [counted(numbers, "constant")] : []].join("; ")}`,
    `parameters  ${number(parameters)}`,
  ];
  if (unsupported !== undefined) lines.push(`unsupported ${unsupported}`);
  if (open !== undefined) lines.push(`open        ${open}: give --shape NAME=1,3,224,224 for what it takes`);
  if (begin === undefined) return lines;
  const { operations, macs, constantBytes, liveBytes, reads } = begin;
  const part = reads.length === 0 ? "" : " (up to the first readback)";
  return [
    ...lines,
    `operations  ${counts(operations)}${part}`,
    `MACs        ${number(macs)}${part}`,
    `memory      ${mebibytes(constantBytes)} of weights, ${mebibytes(liveBytes)} of results alive at once${part}`,
    `readbacks   ${readbacks(reads)}`,
  ];
}

/** Nodes that readbacks are named by. */
const mostNamed = 3;

function readbacks(reads: readonly string[]): string {
  if (reads.length === 0) return "0";
  const named = reads.slice(0, mostNamed).join(", ");
  const rest = reads.length > mostNamed ? ` and ${counted(reads.length - mostNamed, "other node")}` : "";
  return `at least 1; shapes go on from what is read for ${named}${rest}`;
}
