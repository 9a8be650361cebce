/** Checks pages with axe-core in Debian's Chromium, light and dark, where there is one. */
import { fetchedFolder, type FetchedPackage } from "../engine/device/mod.ts";

const AXE: FetchedPackage = {
  title: "axe-core",
  specifiers: ["npm:axe-core@4.10.3"],
  folder: "axe-core-4.10.3",
  files: { "axe.min.js": "880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb" },
  instead: "leave the accessibility check out",
  unpack: async ([entry]) => new Map([["axe.min.js", await Deno.readFile(new URL("axe.min.js", entry))]]),
};

/** Whether there is a browser to check with. */
export const hasBrowser: boolean = await new Deno.Command("which", { args: ["chromium"], stdout: "null" }).output()
  .then(({ success }) => success, () => false);

/** What axe-core finds wrong with a page, one line each. Pictures of other files aren't loaded. */
export async function violationsOf(page: string): Promise<string[]> {
  const axe = await Deno.readTextFile(`${await fetchedFolder(AXE)}/axe.min.js`);
  const script = `axe.run().then(({ violations, passes }) => {
    const found = document.createElement("pre");
    found.id = "axe";
    found.textContent = JSON.stringify({
      passes: passes.length,
      lines: violations.map(({ id, help, nodes }) => id + ": " + help + ": " + nodes[0].html.slice(0, 160)),
    });
    document.body.append(found);
  });`;
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/page.html`;
    await Deno.writeTextFile(
      file,
      page.replace("</body>", () => `<script>${axe}</script><script>${script}</script></body>`),
    );
    const lines: string[] = [];
    for (const scheme of [0, 1]) {
      const { stdout } = await new Deno.Command("chromium", {
        args: [
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          `--user-data-dir=${folder}/profile${scheme}`,
          `--blink-settings=preferredColorScheme=${scheme}`,
          "--virtual-time-budget=20000",
          "--dump-dom",
          `file://${file}`,
        ],
        stderr: "null",
      }).output();
      const found = /<pre id="axe">(.*?)<\/pre>/s.exec(new TextDecoder().decode(stdout))?.[1];
      if (found === undefined) throw new Error("Chromium ran no check");
      const text = found.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
      const { passes, lines: own } = JSON.parse(text) as { passes: number; lines: string[] };
      if (passes < 5) throw new Error(`axe-core passed ${passes} checks only`);
      lines.push(...own.map((line) => `${scheme === 0 ? "dark" : "light"}: ${line}`));
    }
    return lines;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
