/**
 * Expansion of loops marked `// @unroll`: naga and the drivers' compilers leave them rolled, and arrays indexed by a
 * loop variable then live in memory (measured: 8 times slower). Of branches marked `// @if`, whose condition compares
 * constants, the one that is taken stays: the other would be compiled for nothing, and may index beyond an array's end.
 * Lines keep their origin, so that errors find the file.
 */

/** A line of WGSL and where it came from. */
export interface Line {
  readonly text: string;
  readonly file: string;
  /** 1-based line in the file. */
  readonly line: number;
}

const mark = /^\s*\/\/\s*@unroll\s*$/;
const loop =
  /^\s*for\s*\(\s*var\s+(\w+)(?:\s*:\s*(i32|u32))?\s*=\s*([^;]+);\s*\1\s*(<=|<)\s*([^;]+);\s*\1\s*(?:\+\+|\+=\s*([^)]+?))\s*\)\s*\{\s*$/;

const branchMark = /^\s*\/\/\s*@if\s*$/;
const branch = /^\s*if\s*\(([^=!<>]+)(==|!=|<=|>=|<|>)([^=!<>]+)\)\s*\{\s*$/;

/** Expands every marked loop and decides every marked branch. `constants` has the values of the module's integer `const` lines. */
export function unroll(lines: readonly Line[], constants: ReadonlyMap<string, number>): Line[] {
  const result: Line[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (branchMark.test(lines[at].text)) {
      const { taken, close } = decided(lines, at, constants);
      if (taken !== undefined) {
        result.push({ ...lines[at + 1], text: "{" }, ...unroll(taken, constants), { ...lines[close], text: "}" });
      }
      at = close;
      continue;
    }
    if (!mark.test(lines[at].text)) {
      result.push(lines[at]);
      continue;
    }
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
    for (let i = value(first); i < last; i += step === undefined ? 1 : value(step)) {
      const pattern = new RegExp(`(?<![\\w.])${name}(?!\\w)`, "g");
      const copy = body.map((line) => ({
        ...line,
        text: foldIndices(line.text.replace(pattern, `${i}${unsigned}`), constants),
      }));
      const inner = new Map(constants).set(name, i);
      result.push({ ...head, text: "{" }, ...unroll(copy, inner), { ...lines[close], text: "}" });
    }
    at = close;
  }
  return result;
}

/** The lines of the branch that is taken of the one marked at `at`, and where its last block closes. */
function decided(
  lines: readonly Line[],
  at: number,
  constants: ReadonlyMap<string, number>,
): { taken: readonly Line[] | undefined; close: number } {
  const head = lines[at + 1];
  const match = head && branch.exec(head.text);
  if (!match) {
    throw new SyntaxError(
      `${lines[at].file}:${lines[at].line}: "@if" must stand on the line before "if (CONSTANT == CONSTANT) {"`,
    );
  }
  const [left, right] = [match[1], match[3]].map((expression) => evaluate(expression, constants, head));
  const holds = {
    "==": left === right,
    "!=": left !== right,
    "<": left < right,
    "<=": left <= right,
    ">": left > right,
    ">=": left >= right,
  }[match[2]];
  const close = blockEnd(lines, at + 1);
  const otherwise = elseOf(lines, at + 1, close);
  if (holds) return { taken: lines.slice(at + 2, otherwise ?? close), close };
  return { taken: otherwise === undefined ? undefined : lines.slice(otherwise + 1, close), close };
}

/** The line `} else {` of the block that opens at the end of line `start`. */
function elseOf(lines: readonly Line[], start: number, close: number): number | undefined {
  for (let at = start + 1, depth = 1; at < close; at++) {
    if (depth === 1 && /^\s*\}\s*else\s*\{\s*$/.test(lines[at].text)) return at;
    depth += depthOf(lines[at]);
  }
  return undefined;
}

/** Writes indices that are known as one number each: naga takes five times as long for a large page of expressions. */
function foldIndices(text: string, constants: ReadonlyMap<string, number>): string {
  return text.replace(/\[([^[\]]*[-+*/%][^[\]]*)\]/g, (match, expression: string) => {
    if (!isArithmetic(expression, constants)) return match;
    return `[${evaluate(expression, constants, { text, file: "", line: 0 })}]`;
  });
}

/** The values of all `const NAME = INTEGER EXPRESSION;` lines of a module. */
export function integerConstants(lines: readonly Line[]): Map<string, number> {
  const constants = new Map<string, number>();
  for (const line of lines) {
    const match = /^\s*const\s+(\w+)(?:\s*:\s*(?:i32|u32))?\s*=\s*([^;]+);/.exec(line.text);
    if (!match || !isArithmetic(match[2], constants)) continue;
    constants.set(match[1], evaluate(match[2], constants, line));
  }
  return constants;
}

const token = /\s*(?:(\d+)[iu]?(?![\w.])|([A-Za-z_]\w*)|([-+*/%()]))/y;

/** Whether an expression is integer arithmetic over known constants. */
export function isArithmetic(expression: string, constants: ReadonlyMap<string, number>): boolean {
  token.lastIndex = 0;
  while (token.lastIndex < expression.trimEnd().length) {
    const match = token.exec(expression);
    if (!match || (match[2] !== undefined && !constants.has(match[2]))) return false;
  }
  return true;
}

/** Integer arithmetic with + - * / % and parentheses over known constants. */
function evaluate(expression: string, constants: ReadonlyMap<string, number>, where: Line): number {
  const fail = (): never => {
    throw new SyntaxError(`${where.file}:${where.line}: "${expression.trim()}" is not a constant integer expression`);
  };
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < expression.trimEnd().length) {
    const match = token.exec(expression);
    if (!match) return fail();
    tokens.push(match[1] ?? (match[2] === undefined ? match[3] : String(constants.get(match[2]) ?? fail())));
  }
  let next = 0;
  const primary = (): number => {
    const text = tokens[next++];
    if (text === "-") return -primary();
    if (text === "(") {
      const value = sum();
      if (tokens[next++] !== ")") fail();
      return value;
    }
    return /^-?\d+$/.test(text ?? "") ? Number(text) : fail();
  };
  const product = (): number => {
    let value = primary();
    while (["*", "/", "%"].includes(tokens[next])) {
      const operator = tokens[next++];
      const right = primary();
      value = operator === "*" ? value * right : operator === "/" ? Math.trunc(value / right) : value % right;
    }
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (["+", "-"].includes(tokens[next])) value = tokens[next++] === "+" ? value + product() : value - product();
    return value;
  };
  const value = sum();
  return next === tokens.length ? value : fail();
}

/** Index of the line that closes the block opened at the end of line `start`. */
export function blockEnd(lines: readonly Line[], start: number): number {
  let depth = 0;
  for (let at = start; at < lines.length; at++) {
    depth += depthOf(lines[at]);
    if (depth === 0) return at;
  }
  throw new SyntaxError(`${lines[start].file}:${lines[start].line}: the block is not closed`);
}

/** Blocks that a line opens, less those that it closes. */
function depthOf({ text }: Line): number {
  const braces = text.replace(/\/\/.*$/, "").match(/[{}]/g) ?? [];
  return braces.reduce((depth, brace) => depth + (brace === "{" ? 1 : -1), 0);
}
