/** A device that only counts, and stages that only pass values on: what the runner's tests need. */
import { type Counted, Counting } from "../../../engine/counting.ts";
import { z } from "zod";
import {
  type Case,
  type CaseRef,
  defineSource,
  defineStage,
  InputError,
  type Key,
  type ModelContract,
  type Net,
  type OpenStage,
  optionsOf,
  type PipelineEngine,
  type Placed,
  type Plugin,
  type SomeValues,
  type Source,
  type Stage,
  unknownGeometry,
} from "../../../engine/pipeline/mod.ts";
import { Tensor } from "../../../engine/memory/mod.ts";

/** A tensor without memory that knows whether it was disposed of, and how often. */
export class FakeTensor extends Tensor {
  disposals = 0;

  constructor(shape: readonly number[], readonly data: Float32Array) {
    super({ read: () => Promise.resolve([data]) }, "f32", shape, "linear");
  }

  override dispose(): void {
    this.disposals++;
  }
}

/** Counts readbacks and keeps all tensors that it made. */
export class FakeEngine implements PipelineEngine {
  readonly info = { adapter: "swiftshader", name: "Fake Device" };
  readonly pages = [];
  readonly tensors: FakeTensor[] = [];
  readonly log: string[] = [];
  readonly #counting = new Counting();

  /** Tensors that nobody has disposed of. */
  get alive(): FakeTensor[] {
    return this.tensors.filter((tensor) => tensor.disposals === 0);
  }

  tensor(data: Float32Array, shape: readonly number[]): FakeTensor {
    const tensor = new FakeTensor(shape, data);
    this.tensors.push(tensor);
    return tensor;
  }

  run<R>(): never {
    throw new Error(`The fake engine runs nothing ${undefined as R}`);
  }

  runInParts<R>(): never {
    return this.run<R>();
  }

  read(tensors: readonly Tensor[]): Promise<Float32Array[]> {
    this.log.push("read");
    let bytes = 0;
    const arrays = (tensors as readonly FakeTensor[]).map((tensor) => {
      if (tensor.disposals > 0) throw new Error("A tensor is read after it was disposed");
      bytes += tensor.data.byteLength;
      return tensor.data;
    });
    this.#counting.add(bytes);
    return Promise.resolve(arrays);
  }

  loadModel(): Promise<Net> {
    const nothing = () => {};
    return Promise.resolve({
      inputs: [],
      outputs: [],
      record: () => ({}),
      run: () => Promise.resolve({}),
      compile: () => Promise.resolve(),
      warm: () => Promise.resolve(),
      report: () => {
        throw new Error("The fake engine's networks consist of nothing");
      },
      close: nothing,
      [Symbol.dispose]: nothing,
    });
  }

  counted<T>(work: () => Promise<T>): Promise<Counted<T>> {
    return this.#counting.during(work);
  }
}

/** Options of all fake stages. */
export interface FakeOptions {
  readonly strength: number;
  readonly formats: string[];
  readonly mode: "a" | "b";
  readonly sizes: number | number[];
}

const fakeOptions = optionsOf<FakeOptions>(z.strictObject({
  strength: z.number().min(0).max(10).default(1),
  formats: z.array(z.string()).default(["png"]),
  mode: z.enum(["a", "b"]).default("a"),
  sizes: z.union([z.number(), z.array(z.number())]).default(3),
}));

/** A tensor at a place that nobody knows. */
export function placed(tensor: Tensor): Placed {
  return { tensor, geometry: unknownGeometry(2) };
}

/** A source whose inputs are names: those that begin with `bad` can't be read. */
export function fakeSource(gives: Source["gives"] = ["original", "image", "truth?"]): Source {
  return defineSource<FakeOptions, CaseRef>({
    name: "acquire",
    description: "Makes images.",
    gives,
    options: fakeOptions,
    open: ({ inputs }) => ({
      list: () =>
        inputs.map((input) =>
          typeof input === "string" ? { id: input, sources: [] } : {
            id: input.name.replace(/\.png$/, ""),
            sources: [input.name],
          }
        ).map((ref) => ({ ...ref, source: `${ref.id}.png` })),
      load: async (ref, { engine, warn, read }) => {
        for (const path of ref.sources) await read(path);
        if (ref.id.startsWith("bad")) throw new InputError(`Cannot open ${ref.source} as it is bad`);
        if (ref.id.startsWith("odd")) warn("It is odd");
        const image = placed(engine.tensor(Float32Array.of(ref.id.length), [1, 1, 1]));
        return { original: image, image };
      },
    }),
  });
}

/** What a fake stage takes, gives and does. */
export interface FakeStage {
  readonly needs?: readonly Key[];
  readonly uses?: readonly Key[];
  readonly gives?: readonly Key[];
  readonly reads?: readonly Key[];
  readonly models?: (options: FakeOptions) => readonly string[];
  readonly refuses?: (contract: ModelContract) => string | undefined;
  /** Does something before the stage gives a new tensor for each value that it promises. */
  readonly work?: (current: Case<Key, Key, Key>, engine: FakeEngine) => void | SomeValues | Promise<void>;
  /** What the stage gives some cases at once. */
  readonly together?: (cases: readonly Case<Key, Key, Key>[], engine: FakeEngine) => readonly SomeValues[] | undefined;
  readonly files?: readonly string[];
  readonly finish?: OpenStage["finish"];
  readonly onClose?: () => void;
}

/** A stage that gives a new tensor for each of its values. */
export function fakeStage(name: string, stage: FakeStage): Stage {
  const { needs = [], uses = [], gives = [], reads = [], work, files, finish, onClose: close, models, refuses } = stage;
  const { together } = stage;
  return defineStage<FakeOptions, readonly Key[], readonly Key[], readonly Key[], readonly Key[]>({
    name,
    description: `The stage ${name}.`,
    needs,
    uses,
    gives,
    reads,
    models,
    refuses,
    files,
    options: fakeOptions,
    open: (context) => {
      const engine = context.engine as FakeEngine;
      return {
        run: async (current) => {
          engine.log.push(name);
          const own = await work?.(current as Case<Key, Key, Key>, engine) ?? {};
          const rest = gives.filter((key) => key !== "measures" && !(key in own));
          const tensors = rest.map((key) => [key, placed(engine.tensor(Float32Array.of(1), [1, 1]))]);
          return { ...Object.fromEntries(tensors), ...own };
        },
        ...together && { runTogether: (cases) => together(cases as Case<Key, Key, Key>[], engine) },
        finish,
        close,
      };
    },
  });
}

/** The shape of the default chain. */
export function defaultStages(): Stage[] {
  return [
    fakeStage("denoise", { needs: ["image"], gives: ["image"] }),
    fakeStage("segment", { needs: ["image"], gives: ["mask"] }),
    fakeStage("crop", { needs: ["image", "mask"], gives: ["boxes", "crops"] }),
    fakeStage("evaluate", {
      needs: ["mask"],
      uses: ["truth", "boxes"],
      gives: ["measures"],
      reads: ["mask", "boxes"],
      work: () => ({ measures: { found: 1 } }),
    }),
    fakeStage("export", {
      needs: ["image"],
      uses: ["mask", "crops"],
      reads: ["image", "mask", "crops"],
      work: (current) =>
        current.write("image.bin", new Uint8Array((current.host.image!.tensor.data as Float32Array).buffer)),
    }),
  ];
}

/** All of it as a plugin. */
export function fakePlugin(stages: readonly Stage[] = defaultStages(), source: Source = fakeSource()): Plugin {
  return { name: "fakes", sources: [source], stages };
}
