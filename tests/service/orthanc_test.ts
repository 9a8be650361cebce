/** Orthanc as a service's counterpart: a study comes from there, and the results go back. */
import { assert, assertEquals } from "@std/assert";
import dcmjs from "dcmjs";
import { partsOf, relatedBody } from "../../engine/service/multipart.ts";
import { openService } from "../../engine/service/service.ts";
import { inFolder } from "../command/program.ts";
import { plantedSlice } from "../formats/planted.ts";
import { hasServers, startOrthanc } from "./servers.ts";

const names = ["acquire", "segment", "classify", "evaluate", "export"];
const mask = import.meta.resolve("../command/mask_plugin.ts");
const plugins = [...names.map((name) => import.meta.resolve(`../../plugins/${name}/${name}.ts`)), mask];
const wiring = { plugins, stages: ["acquire", "whole", "evaluate", "export"], models: {} };
const study = "1.2.840.99999.2";
const slices = 4;

// deno-lint-ignore no-explicit-any -- as dcmjs names what a file holds
type Dataset = Record<string, any>;

async function job(service: { fetch(request: Request): Response | Promise<Response> }, body: unknown, query = "") {
  const headers = { "content-type": "application/json" };
  const request = new Request(`http://service/v1/jobs${query}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers,
  });
  const taken = await service.fetch(request);
  assertEquals(taken.status, 202, await taken.clone().text());
  const place = `http://service${taken.headers.get("location")}`;
  await (await service.fetch(new Request(`${place}/events`))).text();
  return await (await service.fetch(new Request(place))).json();
}

/** The only object of a series, read by an independent program's library. */
async function objectOf(url: string, series: string): Promise<Dataset> {
  const headers = { accept: 'multipart/related; type="application/dicom"' };
  const answer = await fetch(`${url}/studies/${study}/series/${series}`, { headers });
  const [part, ...others] = await Array.fromAsync(partsOf(answer, 2 ** 24, 502));
  assertEquals(others, []);
  const { dict } = dcmjs.data.DicomMessage.readFile(part.bytes.slice().buffer);
  return dcmjs.data.DicomMetaDictionary.naturalizeDataset(dict);
}

const listOf = <T>(value: T | T[]): T[] => Array.isArray(value) ? value : [value];

Deno.test(
  { name: "a study comes from Orthanc, and its SEG and SR are found there", ignore: !hasServers },
  () =>
    inFolder(async (folder) => {
      const { server, url } = await startOrthanc(folder);
      await using _ended = server;
      const { body, contentType } = relatedBody(
        Array.from({ length: slices }, (_, at) => new Blob([plantedSlice(at)])),
      );
      const sent = await fetch(`${url}/studies`, { method: "POST", body, headers: { "content-type": contentType } });
      assertEquals(sent.status, 200, await sent.text());

      await using service = await openService({ ...wiring, dicomweb: { pacs: { url } } });
      const { state, problem } = await job(service, { server: "pacs", study }, "?store=pacs");
      assertEquals([state, problem], ["done", undefined]);

      const accept = { accept: "application/dicom+json" };
      const found = await (await fetch(`${url}/studies/${study}/series`, { headers: accept })).json() as Dataset[];
      const series = new Map(found.map((one) => [one["00080060"].Value[0], one["0020000E"].Value[0]]));
      assertEquals([...series.keys()].sort(), ["MR", "SEG", "SR"]);

      const segmentation = await objectOf(url, series.get("SEG"));
      assertEquals(segmentation.PatientID, "QX77");
      assertEquals(segmentation.FrameOfReferenceUID, "1.2.840.99999.4");
      assertEquals(Number(segmentation.NumberOfFrames), slices);
      const [{ RecommendedDisplayCIELabValue: color }] = listOf(segmentation.SegmentSequence);
      assertEquals(color?.length, 3, "the segment has a color");
      const [{ SeriesInstanceUID: source, ReferencedInstanceSequence: instances }] = listOf(
        segmentation.ReferencedSeriesSequence,
      );
      assertEquals([source, listOf(instances).length], ["1.2.840.99999.3", slices]);
      const frames = listOf(segmentation.PerFrameFunctionalGroupsSequence) as Dataset[];
      const positions = frames.map((frame) => Number(listOf(frame.PlanePositionSequence)[0].ImagePositionPatient[2]));
      assertEquals(positions, [0, 2, 4, 6]);
      const images = frames.map((frame) =>
        listOf(listOf(frame.DerivationImageSequence)[0].SourceImageSequence)[0].ReferencedSOPInstanceUID
      );
      assertEquals(images, [0, 1, 2, 3].map((at) => `1.2.840.99999.1.${at}`));
      const report = await objectOf(url, series.get("SR"));
      assertEquals([report.PatientID, report.StudyInstanceUID], ["QX77", study]);

      // What was stored is no image that a later job would take for one.
      const again = await job(service, { server: "pacs", study });
      assertEquals([again.state, again.cases], ["done", { all: 1, through: 1 }]);
    }),
);

Deno.test(
  { name: "what Orthanc lacks and a server that is down are problems of their own", ignore: !hasServers },
  () =>
    inFolder(async (folder) => {
      const { server, url } = await startOrthanc(folder);
      await using service = await openService({ ...wiring, dicomweb: { pacs: { url } } });
      const problem = async (body: unknown) => (await job(service, body)).problem;
      assertEquals((await problem({ server: "pacs", study: "1.2.3" })).type, "/problems/no-such-study");
      const { type, detail } = await problem({ server: "pacs", accession: "A 1" });
      assertEquals(type, "/problems/no-such-study");
      assert(detail.includes("0 studies"), detail);
      await server.kill();
      assertEquals((await problem({ server: "pacs", study })).type, "/problems/dicomweb");
    }),
);
