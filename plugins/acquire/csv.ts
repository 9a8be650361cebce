/**
 * The rows of a table of comma-separated values with a header (RFC 4180), each as a record of column and value. Quotes, either
 * end of line and a byte order mark are understood; empty lines are left out.
 */
export function parseCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [[]];
  let field = "";
  let quoted = false;
  const source = text.replace(/^\ufeff/, "");
  for (let at = 0; at < source.length; at++) {
    const character = source[at];
    if (quoted) {
      if (character !== '"') field += character;
      else if (source[at + 1] === '"') field += source[++at];
      else quoted = false;
    } else if (character === '"') {
      quoted = true;
    } else if (character === "," || character === "\n") {
      rows[rows.length - 1].push(field);
      field = "";
      if (character === "\n") rows.push([]);
    } else if (character !== "\r") {
      field += character;
    }
  }
  rows[rows.length - 1].push(field);
  const [header, ...records] = rows.filter((row) => row.some((value) => value.trim() !== ""));
  return records.map((row) => Object.fromEntries(header.map((name, at) => [name.trim(), (row[at] ?? "").trim()])));
}
