/** Files in a bucket of an S3-compatible store. */

// Deno's own fetch puts whole addresses into its spans.
import { fetch, type Response } from "npm:undici@7.16.0";
import { fetchedFolder, type FetchedPackage } from "../device/mod.ts";
import { UsageError } from "../errors.ts";
import { isFresh, type Payloads } from "./payloads.ts";

/** A bucket, and who asks. */
export interface Bucket {
  /** Its URL by path, with a prefix of names where one is wanted: `https://s3.example.com/BUCKET` or `.../BUCKET/PREFIX`. */
  readonly url: string;
  /** Who asks. */
  readonly accessKeyId: string;
  /** What requests are signed with. */
  readonly secretAccessKey: string;
  /** Of credentials that are lent for a time. */
  readonly sessionToken?: string;
  /** Default `us-east-1`, which most stores but AWS take. */
  readonly region?: string;
}

/** What is used of aws4fetch, which signs requests as AWS wants it (Signature Version 4). */
type Signer = new (
  request: Omit<Bucket, "url"> & { method: string; url: string; headers: Record<string, string>; service: "s3" },
) => { sign(): Promise<{ headers: Headers }> };

const AWS4FETCH: FetchedPackage = {
  title: "aws4fetch",
  specifiers: ["npm:aws4fetch@1.0.20"],
  folder: "aws4fetch-1.0.20",
  files: { "aws4fetch.mjs": "3049cd99d00a2fb83ce0e77f0e6b3fb22c17d8e708b740821f906145a8f978e9" },
  instead: "keep the files in NATS, without --bucket",
  unpack: async ([entry]) => new Map([["aws4fetch.mjs", await Deno.readFile(new URL("./aws4fetch.esm.mjs", entry))]]),
};

/** SHA-256 of nothing, the content of the object by which a bucket is tried. */
const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Milliseconds that the store may let a request wait. */
const patience = 60_000;

/** Files in a bucket. */
export class S3Payloads implements Payloads {
  readonly place: string;
  readonly #bucket: Bucket;
  readonly #keptMs: number;
  readonly #signer: Signer;

  private constructor(bucket: Bucket, keptMs: number, signer: Signer) {
    this.place = bucket.url.replace(/\/+$/, "");
    this.#bucket = bucket;
    this.#keptMs = keptMs;
    this.#signer = signer;
  }

  /** Opens a bucket that is there already. Throws a `UsageError` where it can't be written to. */
  static async open(bucket: Bucket, keptMs: number): Promise<S3Payloads> {
    const { AwsV4Signer } = await import(`file://${await fetchedFolder(AWS4FETCH)}/aws4fetch.mjs`);
    const payloads = new S3Payloads(bucket, keptMs, AwsV4Signer);
    try {
      await payloads.#ask("PUT", nothing, new Uint8Array());
    } catch (error) {
      throw new UsageError(
        `Cannot write to the bucket ${payloads.place} (${(error as Error).message}): check that it exists, and that ` +
          "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION give write access to it",
      );
    }
    return payloads;
  }

  async put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const known = await this.#ask("HEAD", name);
    const writtenAt = known?.headers.get("last-modified");
    if (writtenAt != null && isFresh(new Date(writtenAt), this.#keptMs)) return;
    await this.#ask("PUT", name, bytes);
  }

  async get(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const answer = await this.#ask("GET", name);
    return answer === undefined ? undefined : await answer.bytes() as Uint8Array<ArrayBuffer>;
  }

  /** The answer to a request; nothing where no such object is. A body's name is its hash, which the store proves. */
  async #ask(method: string, name: string, body?: Uint8Array<ArrayBuffer>): Promise<Response | undefined> {
    const { url: _, region = "us-east-1", ...credentials } = this.#bucket;
    const url = `${this.place}/${name}`;
    const given: Record<string, string> = { "x-amz-content-sha256": body === undefined ? nothing : name };
    const request = { ...credentials, region, service: "s3" as const, method, url, headers: given };
    const { headers } = await new this.#signer(request).sign();
    const answer = await fetch(url, {
      method,
      headers: Object.fromEntries(headers),
      body,
      signal: AbortSignal.timeout(patience),
    });
    if (answer.ok) {
      if (method !== "GET") await answer.body?.cancel();
      return answer;
    }
    const said = await answer.text();
    const code = /<Code>(\w+)<\/Code>/.exec(said)?.[1];
    if (answer.status === 404 && method !== "PUT" && code !== "NoSuchBucket") return undefined;
    throw new Error(`the store answered with ${answer.status}${code === undefined ? "" : ` ${code}`}`);
  }
}
