/** The results of a job in its folder. */

import { RequestError } from "./problem.ts";

/** Paths of all results below a job's folder, as the run's record states them; none where it failed before it wrote any. */
export async function resultPaths(folder: string): Promise<string[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(`${folder}/results/run.json`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const { files = [], cases = [] } = JSON.parse(text) as { files?: string[]; cases?: { files?: string[] }[] };
  return ["run.json", ...files, ...cases.flatMap(({ files = [] }) => files)];
}

/** One of the results. Throws a `RequestError` with 404 for what isn't among them. */
export async function openResult(
  folder: string,
  paths: readonly string[],
  path: string,
): Promise<ReadableStream<Uint8Array>> {
  if (!paths.includes(path)) throw noSuchResult();
  return (await Deno.open(`${folder}/results/${path}`)).readable;
}

/** What answers for a result that isn't there. */
export function noSuchResult(): RequestError {
  return new RequestError(404, "no-such-result", "The job has no such result: GET the job for their paths");
}
