/**
 * Functions that an assembled page doesn't call, left out: libs bring along what few pages need, such as the steps of an
 * epilogue that aren't taken, and naga parses, checks and translates all of it (measured: a tenth of the time of a pipeline).
 */
import { blockEnd, type Line } from "./lines.ts";

const declaration = /^fn (\w+)\s*\(/;
const call = /\b(\w+)\s*\(/g;

/** A function of the module: its lines from the first to the last. */
interface Fn {
  readonly from: number;
  readonly to: number;
}

/** Leaves out each function that `main`, or what stands outside of functions, doesn't lead to. */
export function dropUnused(lines: readonly Line[]): Line[] {
  const functions = functionsOf(lines);
  const inside = new Set<number>();
  for (const { from, to } of functions.values()) for (let at = from; at <= to; at++) inside.add(at);
  const used = new Set<string>(["main"]);
  const callsOf = (line: Line) => [...line.text.replace(/\/\/.*$/, "").matchAll(call)].map(([, name]) => name);
  for (const [at, line] of lines.entries()) if (!inside.has(at)) callsOf(line).forEach((name) => used.add(name));
  // What is found is added behind, and so is looked at, too.
  for (const name of used) {
    const found = functions.get(name);
    if (found === undefined) continue;
    for (const line of lines.slice(found.from, found.to + 1)) callsOf(line).forEach((each) => used.add(each));
  }
  const dropped = new Set<number>();
  for (const [name, { from, to }] of functions) {
    if (used.has(name)) continue;
    for (let at = from; at <= to; at++) dropped.add(at);
  }
  return lines.filter((_, at) => !dropped.has(at));
}

function functionsOf(lines: readonly Line[]): Map<string, Fn> {
  const functions = new Map<string, Fn>();
  for (let at = 0; at < lines.length; at++) {
    const name = declaration.exec(lines[at].text)?.[1];
    if (name === undefined) continue;
    let head = at;
    while (!lines[head].text.replace(/\/\/.*$/, "").includes("{")) head++;
    const to = blockEnd(lines, head);
    functions.set(name, { from: at, to });
    at = to;
  }
  return functions;
}
