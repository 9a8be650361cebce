/** Studies as a service takes them, and what it gives of them. */
import { assert, assertEquals } from "@std/assert";
import { zipSync } from "npm:fflate@0.8.3";
import { relatedBody } from "../../engine/service/multipart.ts";
import { openService } from "../../engine/service/service.ts";
import { planted, plantedSlice } from "../formats/planted.ts";

const names = ["acquire", "segment", "classify", "evaluate", "export", "report"];
const mask = import.meta.resolve("../command/mask_plugin.ts");
const plugins = [...names.map((name) => import.meta.resolve(`../../plugins/${name}/${name}.ts`)), mask];
const wiring = { plugins, stages: ["acquire", "whole", "evaluate", "export", "report"], models: {} };
const slices = [0, 1, 2, 3].map(plantedSlice);

/** The same study as clients send it. */
function bodies(): Record<string, { body: BodyInit; type?: string }> {
  const form = new FormData();
  slices.forEach((bytes, at) => form.append("files", new File([bytes], `ZEBRA-${at}.dcm`)));
  const { body, contentType } = relatedBody(slices.map((bytes) => new Blob([bytes])));
  const zip = zipSync(Object.fromEntries(slices.map((bytes, at) => [`PLANTED/ZEBRA-${at}.dcm`, bytes])));
  return {
    form: { body: form },
    "STOW-RS": { body, type: contentType },
    zip: { body: zip as Uint8Array<ArrayBuffer>, type: "application/zip" },
  };
}

Deno.test("a study comes as a form, as STOW-RS and as a zip, and is one volume with all kinds of results", async () => {
  await using service = await openService(wiring);
  const url = "http://service/v1/jobs";
  const contents: string[] = [];
  for (const [name, { body, type }] of Object.entries(bodies())) {
    const headers: HeadersInit = type === undefined ? {} : { "content-type": type };
    const taken = await service.fetch(new Request(url, { method: "POST", body, headers }));
    assertEquals(taken.status, 202, await taken.clone().text());
    const place = `http://service${taken.headers.get("location")}`;
    await (await service.fetch(new Request(`${place}/events`))).text();
    const { state, problem, results } = await (await service.fetch(new Request(place))).json();
    assertEquals([state, problem], ["done", undefined], name);
    const files = ["image.png", "image.nii.gz", "mask.nii.gz", "segmentation.dcm", "report.dcm"];
    for (const file of ["run.json", "report.html", ...files.map((file) => `cases/case-1/${file}`)]) {
      assert(results.includes(file), `${name}: no ${file} in ${results.join()}`);
    }
    for (const part of planted) assert(!JSON.stringify(results).includes(part), `${part} stands in a path`);
    const image = await service.fetch(new Request(`${place}/results/cases/case-1/image.nii.gz`));
    contents.push(new Uint8Array(await image.arrayBuffer()).toHex());
    const html = await service.fetch(new Request(`${place}/results/report.html`));
    assertEquals(html.headers.get("content-type"), "text/html; charset=utf-8");
    await html.body?.cancel();
  }
  assertEquals(new Set(contents).size, 1);
});

Deno.test("bodies that are cut, empty or of other kinds are refused by what is wrong with them", async () => {
  await using service = await openService(wiring);
  const post = async (body: BodyInit, type: string) => {
    const headers = { "content-type": type };
    const answer = await service.fetch(new Request("http://service/v1/jobs", { method: "POST", body, headers }));
    const { type: problem } = await answer.json();
    return `${answer.status} ${problem.split("/").at(-1)}`;
  };
  const { body, contentType } = relatedBody([new Blob([slices[0]])]);
  const cut = (await body.bytes()).subarray(0, 200) as Uint8Array<ArrayBuffer>;
  assertEquals(await post(cut, contentType), "400 bad-form");
  assertEquals(await post(body, "multipart/related"), "400 bad-form");
  assertEquals(
    await post((await body.text()).replace("application/dicom", "text/plain"), contentType),
    "415 media-type",
  );
  assertEquals(
    await post(
      '--b\r\ncontent-disposition: form-data; name="x"\r\n\r\n1\r\n--b--\r\n',
      "multipart/form-data; boundary=b",
    ),
    "400 no-files",
  );
  assertEquals(await post("", "application/zip"), "400 no-files");
  assertEquals(await post("{", "application/json"), "400 bad-request");
  assertEquals(await post('{"server":"pacs","study":"1.2"}', "application/json"), "400 no-such-server");
  assertEquals(await post('{"server":"pacs"}', "application/json"), "400 bad-request");
});

Deno.test("a client that leaves amid its body is no fault of the service", async () => {
  await using service = await openService(wiring);
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(10)),
    pull: (controller) => controller.error(new Deno.errors.BadResource("left")),
  });
  const headers = { "content-type": "application/zip" };
  const answer = await service.fetch(new Request("http://service/v1/jobs", { method: "POST", body, headers }));
  assertEquals([answer.status, (await answer.json()).type], [400, "/problems/cut"]);
});

Deno.test("a body that comes too slowly is refused", async () => {
  await using service = await openService({ ...wiring, maxBodySeconds: 0.2 });
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(10)) });
  const headers = { "content-type": "application/zip" };
  const answer = await service.fetch(new Request("http://service/v1/jobs", { method: "POST", body, headers }));
  assertEquals([answer.status, (await answer.json()).type], [408, "/problems/too-slow"]);
});
