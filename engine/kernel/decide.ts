/**
 * Switches and branches that constants decide. A driver drops what isn't taken as well, but only after naga has parsed, checked
 * and translated it, and the driver inlined it wherever it is called (measured on lavapipe: half of the time that a
 * convolution's pipeline takes to make); and it may index beyond an array's end.
 */
import { type Constants, evaluate, isArithmetic } from "./constants.ts";
import { blockEnd, depthOf, type Line } from "./lines.ts";

const choice = /^\s*switch (\w+) \{\s*$/;
const label = /^\s*(?:case ([^:{]+)|default)\s*:\s*\{(.*)$/;
const branch = /^\s*if\s*\(([^=!<>&|]+)(==|!=|<=|>=|<|>)([^=!<>&|]+)\)\s*\{(.*)$/;

/** What stays of a switch or a branch: the statements that are taken, if any, and the line at which its last block closes. */
export interface Decided {
  readonly taken: readonly Line[] | undefined;
  readonly close: number;
}

/** Decides the statement that begins at a line: a switch over a constant, or an `if` that compares arithmetic of constants. */
export function decide(lines: readonly Line[], at: number, constants: Constants): Decided | undefined {
  const value = constants.get(choice.exec(lines[at].text)?.[1] ?? "");
  if (value !== undefined) {
    const close = blockEnd(lines, at);
    return { taken: takenCase(lines.slice(at + 1, close), value), close };
  }
  const [, left, comparison, right, rest] = branch.exec(lines[at].text) ?? [];
  if (left === undefined || !isArithmetic(left, constants) || !isArithmetic(right, constants)) return undefined;
  const holds = compare(evaluate(left, constants, lines[at]), comparison, evaluate(right, constants, lines[at]));
  return rest.trim() === "" ? decideBlock(lines, at, holds) : decideLine(lines[at], at, rest, holds);
}

function compare(left: number, comparison: string, right: number): boolean {
  switch (comparison) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    default:
      return left >= right;
  }
}

/** Of a branch in one line; one with an `else` in it is left to the driver. */
function decideLine(line: Line, at: number, rest: string, holds: boolean): Decided | undefined {
  const statements = /^([^{}]*)\}\s*$/.exec(rest.replace(/\/\/.*$/, ""));
  if (statements === null) return undefined;
  return { taken: holds ? [{ ...line, text: statements[1] }] : undefined, close: at };
}

/** Of a branch that opens a block, with those that follow by `else`. */
function decideBlock(lines: readonly Line[], at: number, holds: boolean): Decided {
  const close = blockEnd(lines, at);
  const otherwise = elseOf(lines, at, close);
  if (holds) return { taken: lines.slice(at + 1, otherwise ?? close), close };
  if (otherwise === undefined) return { taken: undefined, close };
  const next = lines[otherwise].text.replace(/^\s*\}\s*else\s*/, "");
  // Of `} else if (...) {` a branch is left, with its end.
  const taken = next.startsWith("if")
    ? [{ ...lines[otherwise], text: next }, ...lines.slice(otherwise + 1, close + 1)]
    : lines.slice(otherwise + 1, close);
  return { taken, close };
}

/** The line `} else {` or `} else if (...) {` of the block that opens at the end of line `start`. */
function elseOf(lines: readonly Line[], start: number, close: number): number | undefined {
  for (let at = start + 1, depth = 1; at < close; at++) {
    if (depth === 1 && /^\s*\}\s*else\b/.test(lines[at].text)) return at;
    depth += depthOf(lines[at]);
  }
  return undefined;
}

/** The statements of the case that a value takes. */
function takenCase(lines: readonly Line[], value: number): readonly Line[] {
  let otherwise: readonly Line[] = [];
  for (let at = 0; at < lines.length; at++) {
    const match = label.exec(lines[at].text);
    if (match === null) continue;
    const close = blockEnd(lines, at);
    const statements = close === at
      ? [{ ...lines[at], text: match[2].replace(/\}\s*$/, "") }]
      : lines.slice(at + 1, close);
    const numbers = match[1]?.split(",").map((text) => parseInt(text));
    if (numbers?.includes(value)) return statements;
    if (numbers === undefined) otherwise = statements;
    at = close;
  }
  return otherwise;
}
