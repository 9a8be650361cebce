/**
 * Text as a terminal may show it: control characters, which a terminal obeys, and those that turn the direction of writing
 * become escapes such as `\x1b`. Names of files and values of their fields are anybody's.
 */
export function plainText(text: string): string {
  return text.replaceAll(unsafe, (character) => {
    const code = character.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

// deno-lint-ignore no-control-regex -- the very characters that are replaced
const unsafe = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
