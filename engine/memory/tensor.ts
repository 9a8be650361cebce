import type { DType, Layout, Value } from "../../shaders/contract.ts";
import type { HostArray } from "./elements.ts";
import type { Holding } from "./holding.ts";

/** What a tensor needs of the engine that made it. */
export interface TensorOwner {
  /** Reads tensors back together. */
  read(tensors: readonly Tensor[]): Promise<HostArray[]>;
}

// A finalizer is only the net below: device memory is given back by `dispose` or `using`.
const forgotten = new FinalizationRegistry<Holding>((holding) => holding.release());

/** A tensor on the device, owned by whoever asked for it: free it with `using` or `dispose()`. */
export class Tensor implements Value, Disposable {
  /** Distinguishes a tensor from an intermediate value. */
  readonly kind = "tensor";
  /** Element type. */
  readonly dtype: DType;
  /** Size of each axis, the outermost first. */
  readonly shape: readonly number[];
  /** How its elements lie on the device. */
  readonly layout: Layout;
  /** Values computed from this tensor that recordings reuse, such as packed weights. */
  readonly derived: Map<string, Tensor> = new Map();
  /** The elements of a small f64 tensor that the host made: the device has them rounded to f32. */
  exact?: Float64Array;
  /** The elements of a vector of f32 weights, which stay on the host and don't change. */
  hostElements?: Float32Array;
  readonly #owner: TensorOwner;
  #holding: Holding | undefined;
  #disposed = false;

  /** Tensors come from `engine.tensor` and `engine.run`. */
  constructor(owner: TensorOwner, dtype: DType, shape: readonly number[], layout: Layout, holding?: Holding) {
    this.#owner = owner;
    this.dtype = dtype;
    this.shape = [...shape];
    this.layout = layout;
    this.#holding = holding;
    if (holding) forgotten.register(this, holding, this);
  }

  /** Its memory; none for a tensor without elements. Throws after `dispose`. */
  get holding(): Holding | undefined {
    if (this.#disposed) {
      throw new TypeError(
        `A ${this.dtype} tensor of shape [${this.shape.join(", ")}] is used after it was disposed of`,
      );
    }
    return this.#holding;
  }

  /** Another tensor of the same elements, which stays when this one is disposed of. */
  share(): Tensor {
    const shared = new Tensor(this.#owner, this.dtype, this.shape, this.layout, this.holding?.hold());
    shared.exact = this.exact;
    return shared;
  }

  /** Whether an engine made it. */
  isOf(owner: TensorOwner): boolean {
    return this.#owner === owner;
  }

  /** Whether its memory was freed. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** Reads the elements: one readback. Read several tensors together with `engine.read`. */
  async read(): Promise<HostArray> {
    return (await this.#owner.read([this]))[0];
  }

  /** Frees the memory; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    forgotten.unregister(this);
    for (const tensor of this.derived.values()) tensor.dispose();
    this.derived.clear();
    this.#holding?.release();
    this.#holding = undefined;
  }

  /** Frees the memory at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
