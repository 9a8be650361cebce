import { parseArgs as parse } from "node:util";

/** Which arguments are flags, texts or lists, as in the original. */
export interface ParseOptions {
  readonly boolean?: readonly string[];
  readonly string?: readonly string[];
  readonly collect?: readonly string[];
  /** Called for an argument that is not declared; `false` leaves it out. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The arguments: `_` has the positional ones, the others stand under their names. */
export type Args = { _: (string | number)[] } & Record<string, unknown>;

/** Parses command-line arguments into a record. */
export function parseArgs(args: readonly string[], options: ParseOptions = {}): Args {
  const collect = new Set(options.collect ?? []);
  const declared: Record<string, { type: "boolean" | "string"; multiple?: boolean }> = {};
  for (const name of options.boolean ?? []) declared[name] = { type: "boolean" };
  for (const name of options.string ?? []) declared[name] = { type: "string", multiple: collect.has(name) };
  const { tokens } = parse({ args: [...args], options: declared, strict: false, tokens: true, allowPositionals: true });
  const result: Args = { _: [] };
  for (const name of options.boolean ?? []) result[name] = false;
  for (const name of collect) result[name] = [];
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (!options.unknown || options.unknown(token.value) !== false) result._.push(token.value);
    } else if (token.kind === "option") {
      const value = declared[token.name]?.type === "boolean" ? token.value !== "false" : token.value ?? "";
      if (!declared[token.name] && options.unknown?.(token.rawName, token.name, token.value) === false) continue;
      if (collect.has(token.name)) (result[token.name] as unknown[]).push(value);
      else result[token.name] = value;
    }
  }
  return result;
}
