/** Lines of WGSL and the blocks that they open. */

/** A line of WGSL and where it came from. */
export interface Line {
  readonly text: string;
  readonly file: string;
  /** 1-based line in the file. */
  readonly line: number;
}

/** Blocks that a line opens, less those that it closes. */
export function depthOf({ text }: Line): number {
  return bracesOf(text).reduce((depth, brace) => depth + brace, 0);
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

/** Index of the line that closes the block in which line `at` lies, or the number of lines where none of them does. */
export function outerEnd(lines: readonly Line[], at: number): number {
  for (let end = at + 1, depth = 0; end < lines.length; end++) {
    for (const brace of bracesOf(lines[end].text)) {
      depth += brace;
      if (depth < 0) return end;
    }
  }
  return lines.length;
}

/** The braces of a line: 1 for one that opens a block, -1 for one that closes it. */
function bracesOf(text: string): number[] {
  return (text.replace(/\/\/.*$/, "").match(/[{}]/g) ?? []).map((brace) => brace === "{" ? 1 : -1);
}
