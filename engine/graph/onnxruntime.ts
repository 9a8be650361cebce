/** onnxruntime-web, the reference for networks: fetched only when a network asks for it, and checked by hash. */
import { fetchedFolder, type FetchedPackage } from "../device/mod.ts";

/** What is used of onnxruntime-web's interface. */
export interface Onnxruntime {
  /** Settings that have to be made before the first session. */
  readonly env: { logLevel: string; readonly wasm: { numThreads: number } };
  /** Opens sessions. */
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options?: {
        readonly executionProviders: readonly string[];
        readonly externalData?: readonly { readonly path: string; readonly data: Uint8Array }[];
      },
    ): Promise<OnnxruntimeSession>;
  };
  /** An array with its shape. */
  readonly Tensor: new (
    type: string,
    data: ArrayLike<number> | ArrayLike<bigint>,
    dims: readonly number[],
  ) => OnnxruntimeTensor;
}

/** A network that is open. */
export interface OnnxruntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Gives all outputs, or those of the names. */
  run(
    feeds: Readonly<Record<string, OnnxruntimeTensor>>,
    names?: readonly string[],
  ): Promise<Readonly<Record<string, OnnxruntimeTensor>>>;
  release(): Promise<void>;
}

/** An array with its shape. */
export interface OnnxruntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
}

const entry = "ort.node.min.mjs";

/** Its build for Node, which runs threads in Deno, and what that imports. */
const ONNXRUNTIME: FetchedPackage = {
  title: "onnxruntime-web",
  specifiers: ["npm:onnxruntime-web@1.30.0", "npm:onnxruntime-common@1.30.0"],
  folder: "onnxruntime-web-1.30.0",
  files: {
    "ort.node.min.mjs": "f2ed528a5b26441dfb9db67a622ddc0064dc68458d70b7a3150a29cdc4ca1ecd",
    "ort-wasm-simd-threaded.mjs": "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b",
    "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
    "onnxruntime-common/backend-impl.js": "97dd81b055a06f61120f09468fe59f046a9262b7b87bf5d05bceb085bf4f5558",
    "onnxruntime-common/backend.js": "017ce2ec9dc2021ebc1ef2c4f04e1bc74276c65921b0297e7ed8cc16e640495b",
    "onnxruntime-common/env-impl.js": "0da4c562a49fe147e19320a64cbb456184eb0e6242b1fe69c65c8368c55f3d97",
    "onnxruntime-common/env.js": "b2bbd3d3b00a95765713c57cd0f5ef73718ae5b8322e07cb47a43e2accb21f15",
    "onnxruntime-common/index.js": "ad23f6d6ce2c99c449031f24a5181f259516c64a9a67428c98a8539b857729bd",
    "onnxruntime-common/inference-session-impl.js": "0446814a392c147b5c38ba242d9911ee54002b5d01a8e19fb4895fb8f8a0cdd3",
    "onnxruntime-common/inference-session.js": "3ad4271a88edb3d242dc1e0e7bbf66510f9a56eff874c433b3b37f900ac007b1",
    "onnxruntime-common/onnx-model.js": "9e9dc8678be0ea04575a542894508db355a4f9f2155ac7f4c17a697c5f843382",
    "onnxruntime-common/onnx-value.js": "33dc232498753fc9026dfa44c99440cb1a6d29f3e53e1ad2fb8b696705158f06",
    "onnxruntime-common/tensor-conversion-impl.js": "df6fa3cd1813c2d3e588cc07973cfe5ea2ab8647c957168200caa58e51440161",
    "onnxruntime-common/tensor-conversion.js": "8c43ec1d061ab71032a1b28f45d85ef95f8d7bd2d4cd71d059e96d83e3a8f422",
    "onnxruntime-common/tensor-factory-impl.js": "cf5606fe23461e01bff59c2d72ac47d74e652548718f1e5fab07a22b441379b4",
    "onnxruntime-common/tensor-factory.js": "68b9f4f4573f25012ce8a4f73c9a2cee3a28db91de8bbb0a20ddb08bcba33c4b",
    "onnxruntime-common/tensor-impl-type-mapping.js":
      "20bd5ddb858954cf071bace6c7a6628c8e311433798ec172f4c778bebd81d407",
    "onnxruntime-common/tensor-impl.js": "6a749be63055f9d21069566b1515412484a3a03448ca20427c8f8d29328a2843",
    "onnxruntime-common/tensor-utils-impl.js": "87d3e07c153616138c2f57846545eea9c47957c714d50c0264696bdc293e6732",
    "onnxruntime-common/tensor-utils.js": "7acfdb2f8403ae84b7ae62d55d6eeb01519108be8874337b317b911ed60190cd",
    "onnxruntime-common/tensor.js": "721d24a538de5333057bfc423bc00c3453a1c483f4495c857d0a6f9b8f2d330e",
    "onnxruntime-common/trace.js": "9b87e6309a1c502b03558aa94b0a65c8ea1e8eb59cb46090f54f6eacd191b841",
    "onnxruntime-common/type-helper.js": "3e2588c6a5ee7b9755e199eef10c6aa2e777d0366ea47d27953657a5638deeae",
    "onnxruntime-common/version.js": "71c36bdc106472438d3f6c865c0e7ffd0f957524dceb0750738c451098c5ef13",
  },
  instead: 'use the backend "gpu"',
  async unpack([web, common]) {
    const read = async (base: URL, path: string): Promise<Uint8Array<ArrayBuffer>> =>
      await Deno.readFile(new URL(path, base));
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const name of Object.keys(ONNXRUNTIME.files)) {
      const [, part] = /^onnxruntime-common\/(.*)$/.exec(name) ?? [];
      files.set(name, part === undefined ? await read(web, name) : await read(common, part));
    }
    // Outside of its package a name means nothing, so the import becomes a path; the hash is that of the text with it.
    const text = new TextDecoder().decode(files.get(entry)).replaceAll(
      'from"onnxruntime-common"',
      'from"./onnxruntime-common/index.js"',
    );
    return files.set(entry, new TextEncoder().encode(text));
  },
};

let loaded: Promise<Onnxruntime> | undefined;

/**
 * Loads onnxruntime-web, which is fetched the first time. It uses all cores; sessions are opened by it. Throws a
 * `DeviceError` where it can't be fetched or isn't what it must be.
 */
export function loadOnnxruntime(): Promise<Onnxruntime> {
  return loaded ??= load().catch((error) => {
    loaded = undefined;
    throw error;
  });
}

async function load(): Promise<Onnxruntime> {
  const folder = await fetchedFolder(ONNXRUNTIME);
  const runtime = await import(`file://${folder}/${entry}`) as Onnxruntime;
  runtime.env.wasm.numThreads = navigator.hardwareConcurrency;
  runtime.env.logLevel = "error";
  return runtime;
}
