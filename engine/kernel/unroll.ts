/**
 * Expansion of loops marked `// @unroll`: naga and the drivers' compilers leave them rolled, and arrays indexed by a
 * loop variable then live in memory (measured: 8 times slower). Of switches and branches that constants decide (see
 * `decide.ts`), a loop's variable among them, what is taken stays. Lines keep their origin, so that errors find the file.
 */
import { type Constants, evaluate, isArithmetic } from "./constants.ts";
import { decide } from "./decide.ts";
import { blockEnd, type Line, outerEnd } from "./lines.ts";

const mark = /^\s*\/\/\s*@unroll\s*$/;
const loop =
  /^\s*for\s*\(\s*var\s+(\w+)(?:\s*:\s*(i32|u32))?\s*=\s*([^;]+);\s*\1\s*(<=|<)\s*([^;]+);\s*\1\s*(?:\+\+|\+=\s*([^)]+?))\s*\)\s*\{\s*$/;

/** Statements, and whether what follows them in their block is never reached. */
interface Statements {
  readonly lines: readonly Line[];
  readonly leaves: boolean;
}

/** Expands every marked loop and decides every switch and branch that `constants` decide. */
export function unroll(lines: readonly Line[], constants: Constants): Line[] {
  return [...expanded(lines, constants).lines];
}

function expanded(lines: readonly Line[], constants: Constants): Statements {
  const result: Line[] = [];
  let leaves = false;
  for (let at = 0; at < lines.length; at++) {
    const found = mark.test(lines[at].text) ? turnsOf(lines, at, constants) : decisionAt(lines, at, constants);
    if (found === undefined) {
      result.push(lines[at]);
      if (!/^\s*(\/\/.*)?$/.test(lines[at].text)) leaves = /^\s*(return|break|continue)\b/.test(lines[at].text);
      continue;
    }
    leaves = false;
    for (const { head, statements } of found.blocks) {
      result.push({ ...head, text: "{" }, ...statements.lines, { ...lines[found.close], text: "}" });
      leaves = statements.leaves;
      if (leaves) break;
    }
    // Nothing may follow where a block has been left.
    at = leaves ? outerEnd(lines, found.close) - 1 : found.close;
  }
  return { lines: result, leaves };
}

/** Blocks that stand for a statement, and the line at which it closes. */
interface Found {
  readonly blocks: Iterable<{ readonly head: Line; readonly statements: Statements }>;
  readonly close: number;
}

function decisionAt(lines: readonly Line[], at: number, constants: Constants): Found | undefined {
  const decided = decide(lines, at, constants);
  if (decided === undefined) return undefined;
  const { taken, close } = decided;
  return { blocks: taken ? [{ head: lines[at], statements: expanded(taken, constants) }] : [], close };
}

/** The turns of the loop that is marked at a line. */
function turnsOf(lines: readonly Line[], at: number, constants: Constants): Found {
  const head = lines[at + 1];
  const match = head && loop.exec(head.text);
  if (!match) {
    throw new SyntaxError(
      `${lines[at].file}:${
        lines[at].line
      }: "@unroll" must stand on the line before "for (var NAME = FIRST; NAME < END; NAME++) {"`,
    );
  }
  const [, name, type, first, comparison, end, step] = match;
  const value = (expression: string) => evaluate(expression, constants, head);
  const close = blockEnd(lines, at + 1);
  const body = lines.slice(at + 2, close);
  const unsigned = type === "u32" || /\du\b/.test(first) ? "u" : "";
  const last = value(end) + (comparison === "<=" ? 1 : 0);
  const pattern = new RegExp(`(?<![\\w.])${name}(?!\\w)`, "g");
  const blocks = [];
  for (let i = value(first); i < last; i += step === undefined ? 1 : value(step)) {
    const turn = body.map((line) => ({
      ...line,
      text: foldIndices(line.text.replace(pattern, `${i}${unsigned}`), constants),
    }));
    blocks.push({ head, statements: expanded(turn, new Map(constants).set(name, i)) });
  }
  return { blocks, close };
}

/** Writes indices that are known as one number each: naga takes five times as long for a large page of expressions. */
function foldIndices(text: string, constants: Constants): string {
  return text.replace(/\[([^[\]]*[-+*/%][^[\]]*)\]/g, (match, expression: string) => {
    if (!isArithmetic(expression, constants)) return match;
    return `[${evaluate(expression, constants, { text, file: "", line: 0 })}]`;
  });
}
