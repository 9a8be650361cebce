/**
 * Uses the page of a service in Chromium as somebody would, by keyboard where it can: sends a study, waits, looks, moves the
 * filter's slider, reads the report. Prints what it saw as JSON. Arguments: URL, study, folder for pictures.
 */
import axe from "axe-core";
import puppeteer, { type SerializedAXNode } from "puppeteer-core";

const [url, study, pictures] = Deno.args;
const browser = await puppeteer.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
});
const page = await browser.newPage();
await page.setViewport({ width: 1200, height: 1000 });
const hosts = new Set<string>();
const faults: string[] = [];
page.on("request", (request) => /^https?:/.test(request.url()) && hosts.add(new URL(request.url()).host));
page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
page.on("pageerror", (error) => faults.push(String(error)));

const text = (id: string) => page.$eval(`#${id}`, (element) => element.textContent ?? "");
const waitFor = (id: string, pattern: string) =>
  page.waitForFunction(
    (id: string, pattern: string) => new RegExp(pattern).test(document.getElementById(id)!.textContent ?? ""),
    { timeout: 30_000, polling: 50 },
    id,
    pattern,
  );
/** Whether a canvas shows more than one color. */
const isDrawn = (id: string) =>
  page.$eval(`#${id}`, (element) => {
    const canvas = element as HTMLCanvasElement;
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d")!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size > 1;
  });

async function violations(): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const value of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    const { violations, passes } = await page.evaluate("axe.run({ iframes: false })") as {
      violations: { id: string; nodes: { html: string }[] }[];
      passes: unknown[];
    };
    if (passes.length < 10) found.push(`${value}: only ${passes.length} rules were checked`);
    found.push(...violations.map(({ id, nodes }) => `${value}: ${id}: ${nodes[0].html.slice(0, 120)}`));
    await page.screenshot({ path: `${pictures}/page_${value}.png`, fullPage: true });
    await (await page.$("#report"))!.scrollIntoView();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await page.screenshot({ path: `${pictures}/report_${value}.png` });
  }
  return found;
}

await page.goto(url);
await waitFor("device", "Ready");

/** Drops a folder onto the page as a mouse does. */
async function drop(folder: string): Promise<boolean> {
  const client = await page.createCDPSession();
  const { x, y, width, height } = (await (await page.$("#drop"))!.boundingBox())!;
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  const tell = (type: "dragEnter" | "dragOver" | "drop") =>
    client.send("Input.dispatchDragEvent", { type, x: x + width / 2, y: y + height / 2, data });
  await tell("dragEnter");
  await tell("dragOver");
  const isMarked = await page.$eval("#drop", (element) => element.classList.contains("over"));
  await tell("drop");
  return isMarked;
}

/** What the Tab key comes to, from the page's beginning to its end. */
async function tabStops(): Promise<string[]> {
  const stops: string[] = [];
  await page.$eval("h1", (title) => {
    title.tabIndex = -1;
    title.focus();
    title.removeAttribute("tabindex");
  });
  // Within the report each step is the report's.
  for (let times = 0; times < 100; times++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const { id, tagName, textContent } = document.activeElement!;
      return tagName === "BODY" ? undefined : id || textContent || tagName;
    });
    if (stop === undefined) break;
    if (!stops.includes(stop)) stops.push(stop);
  }
  return stops;
}

/** What a screen reader has to say and has no name for, and all that it calls by name. */
async function spoken(): Promise<{ named: string[]; nameless: string[] }> {
  const answer = { named: [] as string[], nameless: [] as string[] };
  const visit = ({ role, name, children = [] }: SerializedAXNode) => {
    const isNamed = name !== undefined && name.trim() !== "";
    if (isNamed) answer.named.push(`${role} ${name}`);
    else if (/button|checkbox|combobox|slider|textbox|img|image|progressbar|Iframe/i.test(role)) {
      answer.nameless.push(role);
    }
    children.forEach(visit);
  };
  visit((await page.accessibility.snapshot({ interestingOnly: true }))!);
  return answer;
}

await page.select("#pipeline", "look");
const marked = await drop(study);
await waitFor("state", "^Done");
const dropped = { marked, files: await page.$eval("#files", (input) => (input as HTMLInputElement).files!.length) };
await page.select("#pipeline", "whole");
const input = await page.$("#files") as unknown as { uploadFile(...paths: string[]): Promise<void> };
const files = await Array.fromAsync(Deno.readDir(study));
await input.uploadFile(...files.filter(({ isFile }) => isFile).map(({ name }) => `${study}/${name}`).sort());
await page.focus("#study button[type=submit]");
await page.keyboard.press("Enter");
await waitFor("state", "^(?!Done)");
try {
  await waitFor("state", "^Done");
  await waitFor("difference-text", "root mean square");
} catch (error) {
  await page.screenshot({ path: `${pictures}/page_failed.png`, fullPage: true });
  throw new Error(`${error}: ${await text("state")} ${await text("difference-text")} ${faults.join("; ")}`);
}
const shown = {
  before: await isDrawn("before"),
  after: await isDrawn("after"),
  difference: await isDrawn("difference"),
};
const first = await text("difference-text");
await page.select("#filter", "gaussian");
await waitFor("difference-text", "^gaussian");
const gaussian = await text("difference-text");
await page.focus("#strength");
for (let times = 0; times < 4; times++) await page.keyboard.press("ArrowRight");
await page.waitForFunction(
  (before: string) => {
    const now = document.getElementById("difference-text")!.textContent ?? "";
    return now !== before && now.startsWith("gaussian");
  },
  { polling: 50 },
  gaussian,
);
const moved = await text("difference-text");
const strength = await text("strength-value");
const picture = async () => (await (await page.$("#viewer"))!.screenshot({ encoding: "base64" })) as string;
const withOverlay = await picture();
await page.focus("#overlay");
await page.keyboard.press("Space");
await new Promise((resolve) => setTimeout(resolve, 300));
const withoutOverlay = await picture();
await page.keyboard.press("Space");
await page.select("#view", "axial");
await new Promise((resolve) => setTimeout(resolve, 300));
const axial = await picture();
const report = await page.waitForFrame(async (frame) => frame.parentFrame() !== null && (await frame.title()) !== "");
const answer = {
  dropped,
  stops: await tabStops(),
  spoken: await spoken(),
  shown,
  first,
  gaussian,
  moved,
  strength,
  viewChanges: axial !== withOverlay,
  where: await text("where"),
  overlayShows: withOverlay !== withoutOverlay,
  report: await report.title(),
  files: await page.$$eval("#results li", (items) => items.map((item) => item.textContent)),
  hosts: [...hosts],
  violations: await violations(),
  faults,
};
await browser.close();
console.log(JSON.stringify(answer));
