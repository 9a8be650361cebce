/**
 * DICOMweb servers (DICOM PS3.18): a study is found by QIDO-RS and fetched by WADO-RS, results are stored by STOW-RS. Requests name
 * servers that the service was told of, so that nobody can have it ask others.
 */

// Deno's own fetch puts whole addresses into its spans, with UIDs and accession numbers.
import { fetch, Headers, type RequestInit, type Response } from "npm:undici@7.16.0";
import type { NamedStudy } from "./order.ts";
import { partsOf, relatedBody } from "./multipart.ts";
import { RequestError } from "./problem.ts";
import { resultPaths } from "./results.ts";

/** Where a server is. */
export interface DicomwebServer {
  /** Its root, such as `http://pacs:8042/dicom-web`; `user:password@` before the host is sent as basic authorization. */
  readonly url: string;
}

/** Objects without pixels to compute on. */
const NO_IMAGES = new Set(["SEG", "SR", "PR", "KO", "RTSTRUCT", "RTPLAN", "RTDOSE", "DOC", "AU", "ECG", "REG", "FID"]);

/** A UID as DICOM has it. */
const UID = /^[0-9.]{1,64}$/;

type Attributes = Readonly<Record<string, { readonly Value?: readonly unknown[] }>>;

/** The servers of a service by their names. */
export class DicomwebServers {
  readonly #servers: Readonly<Record<string, DicomwebServer>>;
  readonly #mostBytes: number;

  /** `mostBytes` bounds a study. */
  constructor(servers: Readonly<Record<string, DicomwebServer>>, mostBytes: number) {
    this.#servers = servers;
    this.#mostBytes = mostBytes;
  }

  /** Throws a `RequestError` where there is no such server. */
  prove(name: string): void {
    if (Object.hasOwn(this.#servers, name)) return;
    const known = Object.keys(this.#servers).join(", ") || "none, as it was started without --dicomweb";
    throw new RequestError(400, "no-such-server", `There is no DICOMweb server ${name}: the service knows ${known}`);
  }

  /** Writes the files of a study's series of images into a folder. */
  async fetchStudy(named: NamedStudy, folder: string, signal: AbortSignal): Promise<void> {
    const { server } = named;
    const study = await this.#studyOf(named, signal);
    const series = (await this.#query(server, `studies/${study}/series`, signal))
      .filter((found) => !NO_IMAGES.has(textOf(found, "00080060")))
      .map((found) => textOf(found, "0020000E"))
      .filter((uid) => named.series === undefined || uid === named.series)
      .sort();
    if (series.length === 0) {
      const what = named.series === undefined ? "no series of images" : "no such series of images";
      throw new RequestError(422, "no-such-study", `The study on ${server} holds ${what}: name another`);
    }
    await Deno.mkdir(folder, { recursive: true });
    let left = this.#mostBytes;
    for (const [index, uid] of series.entries()) {
      const accept = 'multipart/related; type="application/dicom"; transfer-syntax=*';
      const answer = await this.#ask(server, `studies/${study}/series/${uid}`, { headers: { accept }, signal });
      let count = 0;
      for await (const part of partsOf(answer, left, 502)) {
        const name = `${index + 1}-${(++count).toString().padStart(5, "0")}.dcm`;
        left -= part.size;
        await Deno.writeFile(`${folder}/${name}`, part.bytes as Uint8Array<ArrayBuffer>, { signal });
      }
    }
  }

  /** Stores the DICOM files of the results. */
  async storeResults(server: string, folder: string, signal: AbortSignal): Promise<void> {
    const paths = (await resultPaths(folder.replace(/\/results$/, ""))).filter((path) => path.endsWith(".dcm"));
    if (paths.length === 0) {
      const detail = "The results hold no DICOM objects to store: have export write dicom-seg or dicom-sr";
      throw new RequestError(422, "nothing-to-store", detail);
    }
    const files = await Promise.all(paths.map(async (path) => new Blob([await Deno.readFile(`${folder}/${path}`)])));
    const { body, contentType } = relatedBody(files);
    const headers = { "content-type": contentType, accept: "application/dicom+json" };
    const answer = await this.#ask(server, "studies", { method: "POST", body, headers, signal });
    const { "00081198": refused } = await answer.json() as Attributes;
    const count = refused?.Value?.length ?? 0;
    if (count === 0) return;
    throw new RequestError(502, "dicomweb", `${server} refused ${count} of ${files.length} objects: see its log`);
  }

  async #studyOf({ server, study, accession }: NamedStudy, signal: AbortSignal): Promise<string> {
    if (study !== undefined) {
      if (UID.test(study)) return study;
      throw new RequestError(400, "bad-request", "The study isn't a UID: it has digits and dots, at most 64");
    }
    const query = new URLSearchParams({ AccessionNumber: accession ?? "" });
    const found = await this.#query(server, `studies?${query}`, signal);
    if (found.length === 1) return textOf(found[0], "0020000D");
    const detail = `${server} has ${found.length} studies of that accession number, but must have one: name its UID`;
    throw new RequestError(422, "no-such-study", detail);
  }

  async #query(server: string, path: string, signal: AbortSignal): Promise<Attributes[]> {
    const answer = await this.#ask(server, path, { headers: { accept: "application/dicom+json" }, signal });
    return answer.status === 204 ? [] : await answer.json() as Attributes[];
  }

  async #ask(name: string, path: string, init: RequestInit): Promise<Response> {
    this.prove(name);
    const url = new URL(`${this.#servers[name].url.replace(/\/$/, "")}/${path}`);
    const headers = new Headers(init.headers);
    if (url.username !== "") headers.set("authorization", `Basic ${btoa(`${url.username}:${url.password}`)}`);
    url.username = url.password = "";
    let answer: Response;
    try {
      answer = await fetch(url, { ...init, headers });
    } catch (error) {
      init.signal?.throwIfAborted();
      throw new RequestError(
        502,
        "dicomweb",
        `${name} cannot be reached (${(error as Error).name}): check that it runs`,
      );
    }
    if (answer.ok) return answer;
    await answer.body?.cancel();
    if (answer.status === 404) throw new RequestError(422, "no-such-study", `${name} has no such study: name another`);
    throw new RequestError(502, "dicomweb", `${name} answered with ${answer.status}: see its log`);
  }
}

function textOf(attributes: Attributes, tag: string): string {
  return String(attributes[tag]?.Value?.[0] ?? "");
}
