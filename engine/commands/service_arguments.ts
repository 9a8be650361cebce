/** Arguments that `serve` and `work` have alike. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type { Bucket } from "../service/s3_payloads.ts";

/** Signals that ask a service to end. */
export const stopSignals: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];

/** A DICOMweb server from `NAME=URL`. Throws a `UsageError`. */
export function dicomwebServer(text: string): [string, { url: string }] {
  const [, name, url] = /^([A-Za-z0-9_-]+)=(https?:\/\/.+)$/.exec(text) ?? [];
  if (name !== undefined && URL.canParse(url)) return [name, { url }];
  throw new UsageError(`Cannot use --dicomweb ${text}: write NAME=URL such as pacs=http://localhost:8042/dicom-web`);
}

/** Models by the paths that were given, which jobs name them by. Throws a `UsageError`. */
export function namedModels(paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(paths.map((path) => {
    const folder = resolve(path);
    if (existsSync(`${folder}/model.json`)) return [path, folder];
    throw new UsageError(`Cannot use --model ${path} as there is no model.json in it: give a folder that has one`);
  }));
}

/** An origin as browsers send it. Throws a `UsageError`. */
export function originOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.origin === text) return text;
  throw new UsageError(`Cannot use --origin ${text}: write scheme and host alone, such as https://viewer.example.com`);
}

/** Where a queue is, from the URL; says so, as a server that is not there yet is waited for. Throws a `UsageError`. */
export function queueServer(text: string): string {
  if (!/^(nats|tls):\/\//.test(text) || !URL.canParse(text)) {
    throw new UsageError(`Cannot use --queue ${text}: write a URL such as nats://localhost:4222, or tls://HOST`);
  }
  console.error(`Connecting to the queue at ${new URL(text).host}`);
  return text;
}

/** The bucket of a URL, with the keys that the environment has, as AWS' own tools read them. Throws a `UsageError`. */
export function bucketOf(text: string): Bucket {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname.length < 2 || url.search + url.username !== "") {
    throw new UsageError(`Cannot use --bucket ${text}: write a URL such as https://s3.example.com/BUCKET`);
  }
  const [accessKeyId, secretAccessKey] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map((name) => {
    const value = Deno.env.get(name);
    if (value) return value;
    throw new UsageError(
      `Cannot use --bucket ${text} as ${name} is not set: set it to a key with write access`,
    );
  });
  const [sessionToken, region] = ["AWS_SESSION_TOKEN", "AWS_REGION"].map((name) => Deno.env.get(name) || undefined);
  return { url: text, accessKeyId, secretAccessKey, sessionToken, region };
}

/** Listens, and says so once it does. Throws a `UsageError` where it can't. */
export function listen(
  what: string,
  hostname: string,
  port: number,
  handler: (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>,
): Deno.HttpServer {
  try {
    const onListen = ({ hostname, port }: Deno.NetAddr) => console.log(`${what} http://${hostname}:${port}`);
    return Deno.serve({ hostname, port, onListen }, handler);
  } catch (error) {
    throw new UsageError(`Cannot listen to ${hostname}:${port} (${(error as Error).message}): choose another --port`);
  }
}

/** A whole number from `least` to `most`, or the fallback where there is no text. Throws a `UsageError`. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  fallback: number,
  least: number,
  most: number,
): number {
  const value = text === undefined ? fallback : text.trim() === "" ? NaN : Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} is ${text}, but must be a whole number from ${least} to ${most}`);
}
