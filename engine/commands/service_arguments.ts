/** Arguments that `serve` and `work` have alike. */

import { UsageError } from "../errors.ts";

/** Signals that ask a service to end. */
export const stopSignals: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];

/** A DICOMweb server from `NAME=URL`. Throws a `UsageError`. */
export function dicomwebServer(text: string): [string, { url: string }] {
  const [, name, url] = /^([A-Za-z0-9_-]+)=(https?:\/\/.+)$/.exec(text) ?? [];
  if (name !== undefined && URL.canParse(url)) return [name, { url }];
  throw new UsageError(`Cannot use --dicomweb ${text}: write NAME=URL such as pacs=http://localhost:8042/dicom-web`);
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
