/** Runs one stage of a plugin on the device, for tests. */
import { assert, assertEquals } from "@std/assert";
import { type HostArray, openEngine, type Tensor } from "../engine/mod.ts";
import { loadModel } from "../engine/graph/mod.ts";
import {
  type Geometry,
  type Header,
  type Measures,
  type ModelContract,
  type Plugin,
  type Truth,
  unknownGeometry,
} from "../engine/pipeline/mod.ts";
import type { HostTensor } from "../shaders/mod.ts";

const engine = await openEngine();

/** What a stage is given. */
export interface Given {
  readonly image: HostTensor;
  readonly geometry?: Geometry;
  readonly mask?: HostTensor;
  readonly boxes?: HostTensor;
  /** Where values were measured, and the least of them. */
  readonly padding?: { readonly valid: HostTensor; readonly least: number; readonly greatest: number };
  /** The slice of each box. */
  readonly slices?: HostTensor;
  readonly truth?: Truth;
  readonly header?: Header;
  /** The network and its model.json. */
  readonly model?: {
    readonly bytes: Uint8Array;
    readonly contract: ModelContract;
    readonly folds?: readonly Uint8Array[];
  };
}

/** What it gave. */
export interface Gave {
  readonly warnings: string[];
  /** Values by name: shape and elements. */
  readonly values: Record<string, { readonly shape: readonly number[]; readonly data: HostArray }>;
  readonly labels?: readonly string[];
  readonly measures?: Measures;
  /** Those of the stage itself. */
  readonly readbacks: number;
}

/**
 * Opens a plugin's first stage, runs one case and reads all that it gives; none of it waits before that, unless it is to
 * calibrate or to detect.
 */
export async function runStage(plugin: Plugin, options: Record<string, unknown>, given: Given): Promise<Gave> {
  const [stage] = plugin.stages ?? [];
  const upload = (tensor?: HostTensor) => tensor && engine.tensor(Float32Array.from(tensor.data), tensor.shape);
  const { padding } = given;
  const [image, mask, boxes, slices, valid] = [given.image, given.mask, given.boxes, given.slices, padding?.valid].map(
    upload,
  );
  const net = given.model && await loadModel(engine, given.model.bytes);
  const folds = await Promise.all((given.model?.folds ?? []).map((bytes) => loadModel(engine, bytes)));
  const warnings: string[] = [];
  const context = {
    engine,
    signal: AbortSignal.timeout(60_000),
    loadModel: () => ({ net, folds, contract: given.model?.contract }),
  };
  try {
    const open = await stage.open(context as never, stage.options.parse(options) as never);
    const before = engine.stats().readbacks;
    const geometry = given.geometry ?? unknownGeometry(given.image.shape.length - 1);
    const placed = (tensor?: Tensor) => tensor && { tensor, geometry };
    const answer = open.run({
      image: placed(image),
      mask: placed(mask),
      boxes: boxes && { ...placed(boxes), slices },
      truth: given.truth,
      padding: padding && { ...padding, valid },
      header: given.header,
      id: "case",
      source: "case.png",
      sources: ["case.png"],
      warn: (line: string) => warnings.push(line),
      progress: () => {},
      host: {},
    } as never);
    const { measures, ...tensorsGiven } = await answer;
    const isAllowed = options.calibrate === true || options.from === "detector";
    assert(engine.stats().readbacks === before || isAllowed, "the stage waits for the device");
    const gave = tensorsGiven as Record<string, Record<string, unknown> & { labels?: string[] }>;
    const readbacks = engine.stats().readbacks - before;
    const labels = gave.classes?.labels;
    const tensors = Object.entries(gave).flatMap(([name, value]) =>
      Object.entries(value).flatMap(([part, tensor]) =>
        (tensor as Tensor | undefined)?.kind !== "tensor"
          ? []
          : [[["tensor", "probabilities"].includes(part) ? name : `${name}.${part}`, tensor as Tensor] as const]
      )
    );
    const arrays = await engine.read(tensors.map(([, tensor]) => tensor));
    const values = tensors.map(([name, tensor], i) => [name, { shape: tensor.shape, data: arrays[i] }] as const);
    for (const [, tensor] of tensors) tensor.dispose();
    return { warnings, values: Object.fromEntries(values), labels, measures, readbacks };
  } finally {
    for (const each of [net, ...folds]) each?.[Symbol.dispose]();
    for (const tensor of [image, mask, boxes, slices, valid]) tensor?.dispose();
  }
}

/** Equal shapes, and elements that differ by `bound` at most. */
export function assertClose(actual: Gave["values"][string], expected: HostTensor, bound: number): void {
  assertEquals(actual.shape, expected.shape);
  expected.data.forEach((value, i) => {
    const found = Number(actual.data[i]);
    assert(Math.abs(found - value) <= bound, `element ${i} is ${found} instead of ${value}`);
  });
}
