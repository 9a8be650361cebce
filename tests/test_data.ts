/** Where the test data lies and whether a part of it is there; tests that need it are ignored where it is missing. */
const root = Deno.env.get("TEST_DATA") ?? new URL("../../shared/data", import.meta.url).pathname;

/** Path of a file or folder of the test data. */
export function testData(path: string): string {
  return `${root}/${path}`;
}

/** Whether any of these is missing: for `ignore` of `Deno.test`. */
export function missing(...paths: string[]): boolean {
  return paths.some((path) => {
    try {
      Deno.statSync(testData(path));
      return false;
    } catch {
      return true;
    }
  });
}
