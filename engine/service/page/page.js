/** The page: a study through the service, looked at, filtered, and its report. */

import { decodeNpy, drawDifference, drawGray, encodeNpy } from "./arrays.js";
import { filters } from "./filters.js";
import { ask, follow, useToken } from "./service.js";

const element = (id) => document.getElementById(id);
const say = (id, text) => element(id).textContent = text;

/** Only image and region, for those who come to look. */
const look = { stages: [{ stage: "acquire" }, { stage: "export", options: { formats: ["nifti"] } }] };

let viewer;
let job;
let filtering = new AbortController();

async function sayDevice() {
  for (;;) {
    try {
      const { adapter } = await (await ask("readyz")).json();
      return say("device", `Ready on ${adapter}.`);
    } catch (error) {
      say("device", error.message);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

async function process(files) {
  element("state").classList.remove("failed");
  for (const id of ["view-section", "filter-section", "report-section"]) element(id).hidden = true;
  element("cancel").disabled = false;
  element("progress").value = 0;
  say("state", `Sending ${files.length} ${files.length === 1 ? "file" : "files"} …`);
  try {
    const body = new FormData();
    for (const file of files) body.append("files", file);
    if (element("pipeline").value === "look") body.append("pipeline", JSON.stringify(look));
    useToken(element("token").value);
    job = await (await ask("v1/jobs", { method: "POST", body })).json();
    let all = 1;
    job = await follow(job.id, (event) => {
      if (event.type === "start") all = event.cases;
      if (event.type === "stage" && event.id !== "") say("state", `${event.id}: ${event.stage} …`);
      if (event.type === "case") element("progress").value = event.through / all;
    });
    if (job.problem) throw new Error(`${job.problem.title}: ${job.problem.detail}`);
    if (job.state === "done") await showResults();
    say("state", job.state === "done" ? `Done: ${all} ${all === 1 ? "case" : "cases"}.` : `The job is ${job.state}.`);
  } catch (error) {
    if (error.status === 401) element("token-field").hidden = false;
    element("state").classList.add("failed");
    say("state", error.message);
  } finally {
    element("cancel").disabled = true;
  }
}

async function result(path) {
  return await ask(`v1/jobs/${job.id}/results/${path}`);
}

async function showResults() {
  const { cases } = await (await result("run.json")).json();
  const shown = cases.filter(({ files }) => files.some((file) => file.endsWith("/image.nii.gz")));
  const choices = shown.map(({ id, source }) => new Option(`${id}: ${source.split("/").at(-1)}`, id));
  element("case").replaceChildren(...choices);
  const list = job.results.map((path) => {
    const button = document.createElement("button");
    button.textContent = path;
    button.addEventListener("click", () => download(path));
    const item = document.createElement("li");
    item.append(button);
    return item;
  });
  element("results").replaceChildren(...list);
  element("report-section").hidden = false;
  const hasReport = job.results.includes("report.html");
  element("report").hidden = !hasReport;
  if (hasReport) element("report").srcdoc = await (await result("report.html")).text();
  if (shown.length > 0) await showCase();
}

async function download(path) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await (await result(path)).blob());
  link.download = path.split("/").at(-1);
  link.click();
  URL.revokeObjectURL(link.href);
}

async function showCase() {
  const folder = `cases/${element("case").value}`;
  const file = async (name) => new File([await (await result(`${folder}/${name}`)).blob()], name);
  element("view-section").hidden = false;
  element("filter-section").hidden = false;
  if (viewer === undefined) {
    const { openViewer } = await import("./viewer.js");
    viewer = await openViewer(element("volume"), (text) => say("where", `At ${text}`));
  }
  const hasMask = job.results.includes(`${folder}/mask.nii.gz`);
  await viewer.show(await file("image.nii.gz"), hasMask ? await file("mask.nii.gz") : undefined);
  element("overlay").disabled = element("opacity").disabled = !hasMask;
  const { depth } = viewer.slices();
  element("view").value = depth > 1 ? "multi" : "axial";
  Object.assign(element("slice"), { max: depth, value: Math.ceil(depth / 2), disabled: depth === 1 });
  viewer.setView(element("view").value);
  showOverlay();
  showSlice();
}

function showOverlay() {
  viewer.setOverlay(element("overlay").checked ? Number(element("opacity").value) : 0);
}

function showSlice() {
  const { depth } = viewer.slices();
  const number = Number(element("slice").value);
  say("slice-number", `${number} of ${depth}`);
  viewer.setSlice(number - 1);
  void filter();
}

function chooseFilter() {
  const { option: _, name, ...range } = filters[element("filter").value];
  say("strength-name", name);
  Object.assign(element("strength"), range);
  void filter();
}

/** Filters the slice; a request that a later one has overtaken is given up. */
async function filter() {
  filtering.abort();
  const { signal } = filtering = new AbortController();
  const name = element("filter").value;
  const value = Number(element("strength").value);
  say("strength-value", String(value));
  if (viewer === undefined) return;
  const { size, values } = viewer.slices();
  const before = values(Number(element("slice").value) - 1);
  try {
    await new Promise((resolve) => setTimeout(resolve, 120));
    signal.throwIfAborted();
    const query = new URLSearchParams({ format: "npy", options: JSON.stringify({ [filters[name].option]: value }) });
    const init = { method: "POST", headers: { "content-type": "application/x-npy" }, body: encodeNpy(before, size) };
    const after = decodeNpy(await (await ask(`v1/filters/${name}?${query}`, { ...init, signal })).arrayBuffer());
    signal.throwIfAborted();
    const range = before.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [Infinity, -Infinity]);
    const difference = after.map((one, at) => one - before[at]);
    const most = difference.reduce((found, one) => Math.max(found, Math.abs(one)), 0);
    const square = difference.reduce((sum, one) => sum + one * one, 0) / difference.length;
    drawGray(element("before"), before, size, range);
    drawGray(element("after"), after, size, range);
    drawDifference(element("difference"), difference, size, most);
    say(
      "difference-text",
      `${name}: the difference is ${Math.sqrt(square).toPrecision(3)} in root mean square and ` +
        `${most.toPrecision(3)} at most; the slice has values from ${
          range.map((one) => one.toPrecision(4)).join(" to ")
        }.`,
    );
  } catch (error) {
    if (!signal.aborted) say("difference-text", error.message);
  }
}

function acceptDrops() {
  const drop = element("drop");
  const over = (event) => {
    event.preventDefault();
    drop.classList.toggle("over", event.type === "dragover");
  };
  for (const type of ["dragover", "dragleave", "drop"]) document.addEventListener(type, over);
  document.addEventListener("drop", async ({ dataTransfer }) => {
    // What was dropped is only there until the event is over.
    const entries = [...dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
    const study = new DataTransfer();
    for (const file of (await Promise.all(entries.map(filesOf))).flat()) study.items.add(file);
    if (study.files.length === 0) return say("state", "What was dropped holds no file.");
    element("files").files = study.files;
    element("study").requestSubmit();
  });
}

/** The files of what was dropped: itself, or those of a folder and all below it, by name. */
async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const entries = [];
  // It gives some at a time, and none after the last.
  const next = () => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  for (let some = await next(); some.length > 0; some = await next()) entries.push(...some);
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  return (await Promise.all(entries.map(filesOf))).flat();
}

element("filter").replaceChildren(...Object.keys(filters).map((name) => new Option(name, name)));
chooseFilter();
acceptDrops();
element("study").addEventListener("submit", (event) => {
  event.preventDefault();
  void process([...element("files").files]);
});
element("cancel").addEventListener("click", () => job && ask(`v1/jobs/${job.id}`, { method: "DELETE" }));
element("case").addEventListener("change", showCase);
element("view").addEventListener("change", () => viewer.setView(element("view").value));
element("overlay").addEventListener("change", showOverlay);
element("opacity").addEventListener("input", showOverlay);
element("slice").addEventListener("input", showSlice);
element("filter").addEventListener("change", chooseFilter);
element("strength").addEventListener("input", filter);
void sayDevice();
