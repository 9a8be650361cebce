/**
 * Switches over an override, decided: of `switch NAME {` whose value is known the case that is taken stays, and of
 * `if (NAME == NUMBER) { ... }` in one line the statements, or nothing. A driver drops the other cases as well, but only
 * after it has inlined them wherever they are called (measured on lavapipe: half of the time that a convolution's pipeline
 * takes to make).
 */
import { blockEnd, type Line } from "./unroll.ts";

const head = /^\s*switch (\w+) \{\s*$/;
const label = /^\s*(?:case ([^:{]+)|default)\s*:\s*\{(.*)$/;
// One that returns would leave statements behind its return.
const branch = /^(\s*)if \((\w+) (==|!=|>) (\d+)[iu]?\) (\{(?!.*\breturn\b)[^{}]*\})\s*$/;
const declaration = /^\s*override\s+(\w+)\s*:\s*[iu]32\s*=\s*(-?\d+)[iu]?\s*;/;

/** The values of a module's overrides of integers, where `given` ones go before those that the module declares. */
export function integerOverrides(
  lines: readonly Line[],
  given: Readonly<Record<string, number>>,
): Map<string, number> {
  return new Map(lines.flatMap(({ text }): [string, number][] => {
    const match = declaration.exec(text);
    return match ? [[match[1], given[match[1]] ?? Number(match[2])]] : [];
  }));
}

/** Decides every switch, and every branch in one line, over one of `values`. A function whose end a taken case is keeps nothing behind its return. */
export function decideSwitches(lines: readonly Line[], values: ReadonlyMap<string, number>): Line[] {
  const result: Line[] = [];
  for (let at = 0; at < lines.length; at++) {
    const value = values.get(head.exec(lines[at].text)?.[1] ?? "");
    if (value === undefined) {
      result.push(decideBranch(lines[at], values));
      continue;
    }
    const close = blockEnd(lines, at);
    const taken = decideSwitches(takenCase(lines.slice(at + 1, close), value), values);
    result.push({ ...lines[at], text: "{" }, ...taken, { ...lines[close], text: "}" });
    at = close;
    // Nothing may follow a return in its block.
    if (/^\s*return\b/.test(taken.at(-1)?.text ?? "")) at = outerEnd(lines, close) - 1;
  }
  return result;
}

/** A line without the branch that it is, where one of `values` decides it. */
function decideBranch(line: Line, values: ReadonlyMap<string, number>): Line {
  const [, indent, name, comparison, number, block] = branch.exec(line.text) ?? [];
  const value = values.get(name ?? "");
  if (value === undefined) return line;
  const holds = comparison === ">" ? value > Number(number) : (value === Number(number)) === (comparison === "==");
  return { ...line, text: holds ? indent + block : "" };
}

/** The statements of the case that a value takes. */
function takenCase(lines: readonly Line[], value: number): Line[] {
  let otherwise: Line[] = [];
  for (let at = 0; at < lines.length; at++) {
    const match = label.exec(lines[at].text);
    if (match === null) continue;
    const close = blockEnd(lines, at);
    const statements = close === at
      ? [{ ...lines[at], text: match[2].replace(/\}\s*$/, "") }]
      : lines.slice(at + 1, close);
    const numbers = match[1]?.split(",").map((text) => parseInt(text));
    if (numbers?.includes(value)) return [...statements];
    if (numbers === undefined) otherwise = [...statements];
    at = close;
  }
  return otherwise;
}

/** The line that closes the block in which line `at` lies. */
function outerEnd(lines: readonly Line[], at: number): number {
  for (let end = at + 1, depth = 0; end < lines.length; end++) {
    for (const brace of lines[end].text.replace(/\/\/.*$/, "").match(/[{}]/g) ?? []) {
      depth += brace === "{" ? 1 : -1;
      if (depth < 0) return end;
    }
  }
  return lines.length;
}
