/**
 * Ends of loops for Mesa's software drivers. These compute a turn with all lanes masked and ask whether a lane goes on at a
 * loop's end only: of a loop whose condition stands at its head they compute one turn more than it has, for nothing. A test of
 * the next turn at the end spares it (measured on lavapipe: 7.8 to 5.2 ms for a 3x3 convolution of 16 channels, 3.4 to 2.2 ms
 * for a 1x1 of 64).
 */
import { type Constants, isArithmetic } from "./constants.ts";
import { blockEnd, type Line } from "./lines.ts";

const head =
  /^\s*for\s*\(\s*var\s+(\w+)\s*(?::[^=]+)?=\s*([^;]+);\s*\1\s*(<=|<|>=|>|!=)\s*([^;]+);\s*\1\s*(\+\+|--|[-+*]=\s*(.+?))\s*\)\s*\{\s*$/;

/** Tests the next turn at the end of every loop whose turns aren't constant: those of few turns the driver expands itself. */
export function endLoops(lines: readonly Line[], constants: Constants): Line[] {
  const tests = new Map<number, string>();
  lines.forEach(({ text }, at) => {
    const match = head.exec(text);
    if (match === null) return;
    const [, name, first, comparison, end, step, by = "1"] = match;
    if ([first, end, by].every((expression) => isArithmetic(expression, constants))) return;
    const close = blockEnd(lines, at);
    const body = lines.slice(at + 1, close);
    if (!isSeenAtEnd(`${name} ${end} ${by}`, body)) return;
    const next = /^[-+]{2}$/.test(step)
      ? `${name} ${step[0]} ${/u\b/.test(first) ? "1u" : "1"}`
      : `${name} ${step[0]} (${by})`;
    tests.set(close, `if (!(${next} ${comparison} ${end})) { break; }`);
  });
  return lines.flatMap((line, at) => tests.has(at) ? [{ ...line, text: tests.get(at)! }, line] : [line]);
}

/** Whether the end of a loop's body is reached and the names of its head mean there what they do at the head. */
function isSeenAtEnd(names: string, body: readonly Line[]): boolean {
  const last = body.findLast(({ text }) => !/^\s*(\/\/.*)?$/.test(text))?.text ?? "";
  if (/^\s*(return|break|continue)\b/.test(last)) return false;
  const declared = new Set(
    body.flatMap(({ text }) => [...text.matchAll(/\b(?:let|var|const)\s+(\w+)/g)].map((m) => m[1])),
  );
  return !(names.match(/[A-Za-z_]\w*/g) ?? []).some((name) => declared.has(name));
}
