/** What is known of a module's integers before it is compiled. */
import type { Line } from "./lines.ts";

/** Names of integers with their values. */
export type Constants = ReadonlyMap<string, number>;

const override = /^\s*override\s+(\w+)\s*:\s*[iu]32\s*=\s*(-?\d+)[iu]?\s*;/;

/** The values of a module's `const NAME = INTEGER EXPRESSION;` and of its overrides, where `given` go before those that it declares. */
export function constantsOf(lines: readonly Line[], given: Readonly<Record<string, number>>): Constants {
  const constants = new Map<string, number>();
  for (const line of lines) {
    const declared = override.exec(line.text);
    if (declared) constants.set(declared[1], given[declared[1]] ?? Number(declared[2]));
    const match = /^\s*const\s+(\w+)(?:\s*:\s*(?:i32|u32))?\s*=\s*([^;]+);/.exec(line.text);
    if (!match || !isArithmetic(match[2], constants)) continue;
    constants.set(match[1], evaluate(match[2], constants, line));
  }
  return constants;
}

const token = /\s*(?:(\d+)[iu]?(?![\w.])|([A-Za-z_]\w*)|([-+*/%()]))/y;

/** Whether an expression is integer arithmetic over known constants. */
export function isArithmetic(expression: string, constants: Constants): boolean {
  token.lastIndex = 0;
  while (token.lastIndex < expression.trimEnd().length) {
    const match = token.exec(expression);
    if (!match || (match[2] !== undefined && !constants.has(match[2]))) return false;
  }
  return true;
}

/** Integer arithmetic with + - * / % and parentheses over known constants. */
export function evaluate(expression: string, constants: Constants, where: Line): number {
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
