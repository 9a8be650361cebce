import { assert } from "@std/assert";
import { hasBrowser, violationsOf } from "../../accessibility.ts";

Deno.test({
  name: "the accessibility check finds faint text, areas that no key reaches, and a page without main",
  ignore: !hasBrowser,
  fn: async () => {
    const faint = '<p style="color: #aaa; background: #fff">faint</p>';
    const area = '<div style="width: 50px; overflow-x: auto"><div style="width: 900px">wide and wide</div></div>';
    const page = `<!DOCTYPE html><html lang="en"><head><title>t</title></head><body>${faint}${area}</body></html>`;
    const lines = await violationsOf(page);
    for (const rule of ["color-contrast", "scrollable-region-focusable", "landmark-one-main"]) {
      assert(lines.some((line) => line.includes(rule)), `${rule} is not in ${lines.join("\n")}`);
    }
  },
});
