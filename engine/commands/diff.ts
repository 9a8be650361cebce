/** The command `diff`: where a network here and on onnxruntime-web part ways. */
import { UsageError } from "../errors.ts";
import {
  differencesOf,
  errorOf,
  fetchModel,
  type HostValue,
  type NodeDifference,
  readExternalFiles,
  readModel,
  runHere,
  runThere,
  seededValue,
  writeReproduction,
} from "../graph/mod.ts";
import { openEngine } from "../mod.ts";
import { counted } from "../pipeline/mod.ts";
import { type DiffArguments, parseDiffArguments, usage } from "./diff_arguments.ts";

/** Milliseconds after which a comparison says how far it is. */
const quietMs = 10_000;

/** Reads a file of elements: a `.npy` file or a serialized tensor. */
export type ReadValue = (path: string) => Promise<HostValue>;

/**
 * Runs the command. Exit status 0; 1 where a node or the whole network is beyond its bound; 2 for a wrong command line, 3
 * without a device, 4 for a model that is missing, broken or unsupported.
 */
export async function diff(
  args: readonly string[],
  readValue: ReadValue,
  write: (line: string) => void = console.log,
): Promise<number> {
  const given = parseDiffArguments(args);
  if (given.help) {
    write(usage);
    return 0;
  }
  const { bytes, name, path } = await fetchModel(given.model);
  const files = path === undefined ? new Map<string, Uint8Array>() : await readExternalFiles(path, bytes);
  const feeds = await feedsOf(readModel(bytes, name, files).inputs, given, readValue);
  await using engine = await openEngine();
  const { bound, twin, output, json } = given;
  const say = (line: string) => json || write(line);
  say(`${name} on ${engine.info.name} (${engine.info.adapter}) beside onnxruntime-web`);
  const [ours, theirs] = [await runHere(engine, bytes, name, feeds, files), await runThere(bytes, files, feeds)];
  const outputs = Object.fromEntries([...theirs].map(([key, value]) => [key, errorOf(ours.get(key), value)]));
  for (const [key, error] of Object.entries(outputs)) say(`  output ${key}: ${number(error)}`);
  const nodes: NodeDifference[] = [];
  let said = performance.now();
  for await (const node of differencesOf(engine, bytes, feeds, { files, twin, bound })) {
    nodes.push(node);
    if (node.skipped !== undefined) say(`  not compared: ${nodeText(node)}: ${node.skipped}`);
    if (node.isBeyond) break;
    if (performance.now() - said < quietMs) continue;
    said = performance.now();
    say(`  ${counted(nodes.length, "node")} so far, the last one ${nodeText(node)}`);
  }
  const beyond = nodes.find(({ isBeyond }) => isBeyond);
  if (beyond?.reproduction) await writeReproduction(output, beyond, beyond.reproduction);
  const isOutputBeyond = Object.values(outputs).some((error) => !(error <= bound));
  if (json) {
    const plain = nodes.map(({ reproduction: _, ...node }) => node);
    write(JSON.stringify({ model: name, bound, outputs, nodes: plain, reproduction: beyond ? output : null }, null, 2));
  } else summary(nodes, beyond, isOutputBeyond, given).forEach((line) => write(line));
  return beyond || isOutputBeyond ? 1 : 0;
}

function summary(
  nodes: readonly NodeDifference[],
  beyond: NodeDifference | undefined,
  isOutputBeyond: boolean,
  { bound, output }: DiffArguments,
): string[] {
  if (beyond) {
    return [
      `first beyond ${number(bound)}: ${nodeText(beyond)}, ${errorText(beyond)}`,
      `written to ${output}: the node as model.onnx, with its inputs and what it should give`,
    ];
  }
  const worst = nodes.filter(({ error }) => error !== undefined).sort((a, b) => b.error! - a.error!).slice(0, 3);
  const lines = [
    `${counted(nodes.length, "node")} compared, each within ${number(bound)}`,
    ...worst.map((node) => `  ${nodeText(node)}: ${errorText(node)}`),
  ];
  if (isOutputBeyond) {
    lines.push("The whole network is beyond it: errors add up, or what passes made of several nodes is wrong");
  }
  return lines;
}

const number = (error: number) => error.toExponential(1);
const nodeText = ({ name, operator }: NodeDifference) => name.includes(operator) ? name : `${name} (${operator})`;

function errorText({ error, twin }: NodeDifference): string {
  const beside = twin ? `; against f64 ours ${number(twin.ours)}, onnxruntime-web ${number(twin.onnxruntime)}` : "";
  return `${number(error!)} against onnxruntime-web${beside}`;
}

/** What the network is run with: files, and seeded noise for what isn't given. */
async function feedsOf(
  inputs: readonly {
    readonly name: string;
    readonly dtype: HostValue["dtype"];
    readonly shape: readonly (number | string)[];
  }[],
  { inputs: files, shapes, model }: DiffArguments,
  readValue: ReadValue,
): Promise<Map<string, HostValue>> {
  const named = new Map<string, string>();
  for (const [i, text] of files.entries()) {
    const at = text.indexOf("=");
    const name = at < 0 ? inputs[i]?.name : text.slice(0, at);
    if (name === undefined) throw new UsageError(`${model} has ${inputs.length} inputs, but ${files.length} are given`);
    named.set(name, text.slice(at + 1));
  }
  const stray = [...named.keys(), ...shapes.keys()].find((name) => !inputs.some((input) => input.name === name));
  if (stray !== undefined) {
    throw new UsageError(`${model} has no input ${stray}: it has ${inputs.map(({ name }) => name).join(", ")}`);
  }
  const feeds = new Map<string, HostValue>();
  for (const { name, dtype, shape: stated } of inputs) {
    const file = named.get(name);
    const value = file === undefined ? undefined : await attempt(file, readValue);
    const isKnown = stated.every((extent) => typeof extent === "number");
    const shape = shapes.get(name) ?? (isKnown ? stated as readonly number[] : value?.shape);
    if (shape === undefined) {
      throw new UsageError(`Input ${name} of ${model} is [${stated.join(", ")}]: give --shape ${name}=1,3,224,224`);
    }
    feeds.set(name, value === undefined ? seededValue(dtype, shape) : shaped(value, shape, name));
  }
  return feeds;
}

async function attempt(file: string, readValue: ReadValue): Promise<HostValue> {
  try {
    return await readValue(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Cannot open ${file} as it does not exist: give a .npy file or a serialized tensor`);
  }
}

function shaped(value: HostValue, shape: readonly number[], name: string): HostValue {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (value.data.length === count) return { ...value, shape };
  throw new UsageError(`Input ${name} is [${shape.join(", ")}], but the file has ${value.data.length} elements`);
}
