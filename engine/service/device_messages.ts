/** What the service and the process that owns the device tell each other: a line of JSON each. */

import type { OfferedModels, Pipeline, RunEvent } from "../pipeline/mod.ts";

/** What the device process offers. */
export interface DeviceProgram {
  /** Modules whose default exports are plugins. */
  readonly plugins: readonly string[];
  /** The models that pipelines may name, and no others: their folders by their names. */
  readonly models: OfferedModels;
  /** Names of those that are opened and compiled before the service says that it is ready. Default none. */
  readonly warm?: readonly string[];
}

/** What the service says. */
export type ToDevice =
  | ({ readonly type: "open" } & DeviceProgram)
  | {
    readonly type: "run";
    readonly job: string;
    readonly pipeline: Pipeline;
    /** Paths of the inputs. */
    readonly inputs: readonly string[];
    /** The folder of the results. */
    readonly output: string;
  }
  | { readonly type: "cancel"; readonly job: string };

/** What the process answers. */
export type FromDevice =
  | { readonly type: "ready"; readonly adapter: string }
  | { readonly type: "warm" }
  | { readonly type: "cold"; readonly message: string }
  | { readonly type: "event"; readonly job: string; readonly event: RunEvent }
  | { readonly type: "end"; readonly job: string; readonly status: number; readonly message?: string };

/** Marks our lines among what libraries print on standard output. */
const mark = "isocenter ";

/** A message as a line. */
export function lineOf(message: ToDevice | FromDevice): string {
  return `${mark}${JSON.stringify(message)}\n`;
}

/** The messages of a stream; other lines are passed over. */
export async function* messagesOf<T extends ToDevice | FromDevice>(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<T> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith(mark)) yield JSON.parse(line.slice(mark.length));
  }
}
