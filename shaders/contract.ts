/**
 * What an operation is made of: its declaration, the pages of WGSL it dispatches, its twin in f64 and its cases.
 * This file declares types only and two small constructors; the engine runs what is declared here.
 */

/**
 * Element type of a tensor as its owner sees it. On the device every element is one 32-bit word: numbers of 64 bits are
 * computed in 32, floats with the precision of f32.
 */
export type DType = "f32" | "f16" | "f64" | "i64" | "u64" | "i32" | "u32" | "i16" | "u16" | "i8" | "u8" | "bool";

/**
 * How a page sees one 32-bit word of a binding. `word` moves bits of any type and computes nothing. `f32x4` are four
 * neighboring f32 as one `vec4f`, of a tensor whose size is a multiple of four.
 */
export type Element = "f32" | "f32x4" | "i32" | "u32" | "word";

/**
 * How the elements of a tensor lie on the device.
 * - `linear`: row-major scalars, `load_NAME(index: u32)`.
 * - `rows4`: four neighbors along the last axis in one texel: (texel, row, layer) = (x / 4, y, all leading axes flattened).
 *   The lanes beyond the last axis' end are undefined.
 * - `channels4`: four channels of one pixel in one texel, for `[N, C, ...spatial]` with up to three spatial axes:
 *   (column, row, layer) = (n * W + x, y, floor(c / 4) * D + z). The lanes beyond C are finite, else undefined.
 */
export type Layout = "linear" | "rows4" | "channels4";

/** Element type and shape. */
export interface Spec {
  /** Element type. */
  readonly dtype: DType;
  /** Size of each axis, the outermost first; 0 is a size. */
  readonly shape: readonly number[];
}

/** A tensor or an intermediate result of a recording: an opaque handle that knows its type and shape. */
export interface Value extends Spec {
  /** Whether it belongs to a recording, or to whoever asked for it. */
  readonly kind: "value" | "tensor";
  /** The layout of its elements: texels before scalars where it has several; none before they are written. */
  readonly layout?: Layout;
}

/** A tensor of the host in f64, as twins compute it. Integers and booleans (0, 1) are whole numbers. */
export interface HostTensor extends Spec {
  /** The elements, row-major. */
  readonly data: Float64Array;
}

/** A tensor of the host whose integers of 64 bits are exact. */
export interface ExactTensor extends Spec {
  /** The elements, row-major. */
  readonly data: BigInt64Array | BigUint64Array | Uint8Array;
}

/** What the forms of an operation are chosen by besides shapes. */
export interface Facts {
  /** Which kind of driver runs the pages. */
  readonly adapter: "gpu" | "lavapipe" | "swiftshader" | "opengl";
  /** Invocations of a subgroup, where the device has proven to compute correctly with them; else 0. */
  readonly subgroupSize: number;
  /** Whether the device has proven to compute correctly in f16. */
  readonly f16: boolean;
  /** Whether buffers that pages write can be mapped without a copy, as the device has proven. */
  readonly mappableBuffers: boolean;
  /** Most invocations of a workgroup. */
  readonly maxInvocationsPerWorkgroup: number;
  /** Most bytes of workgroup memory. */
  readonly maxWorkgroupStorageBytes: number;
  /** Greatest width and height of a texture. */
  readonly maxTextureSize: number;
  /** Most layers of a texture. */
  readonly maxTextureLayers: number;
  /** Variants by class of shapes that were measured on such a device: they go before an operation's own choice. */
  readonly tuned?: Readonly<Record<string, string>>;
}

/**
 * WGSL that pages share. A lib is put before the page's own text, but declarations in WGSL need no order: it may use
 * bindings, params, constants and functions of the page, if its header says which of them a page needs.
 */
export interface Lib {
  /** URL of the file, for error messages. */
  readonly file: string;
  /** The WGSL. */
  readonly text: string;
}

/** One tensor that a page reads or writes. */
export interface Binding {
  /** What the page calls it. */
  readonly name: string;
  /** `read_write` and `atomic` (an `array<atomic<u32>>` named NAME) are for `linear` only. */
  readonly access: "read" | "write" | "read_write" | "atomic";
  /** How the page sees its elements. */
  readonly layout: Layout;
  /** Default f32. `rows4` and `channels4` are always f32. */
  readonly element?: Element;
}

/**
 * A page of WGSL with what it is bound to. Its bindings are generated, and with them:
 * - `linear`: `load_NAME(index: u32) -> ELEMENT`, `store_NAME(index: u32, value: ELEMENT)`, `length_NAME() -> u32`;
 * - `rows4`, `channels4`: `load_NAME(x: i32, y: i32, layer: i32) -> vec4f`, `store_NAME(x, y, layer, value: vec4f)`,
 *   `size_NAME() -> vec3i` (texels, rows, layers). Coordinates must lie inside: clamp or select, never rely on a
 *   border;
 * - `params: Params` where the page, or a lib of it, has a `struct Params`;
 * - `has_NAME(index) -> bool` (`linear`, `read`) : whether the element is bound: of a binding that is bound in parts it may not be.
 * - `slab_begin() -> i32`, `slab_end() -> i32` : the layers that this dispatch writes.
 */
export interface Page extends Lib {
  /** Name of the page, for labels and errors. */
  readonly name: string;
  /** What is put before its text. */
  readonly libs: readonly Lib[];
  /** What it reads and writes, in the order of their binding numbers. */
  readonly bindings: readonly Binding[];
  /** Whether it uses functions of subgroups, without which it doesn't compile. */
  readonly subgroups?: boolean;
  /** Whether its results go by way of a buffer however small they are, where others do: one pipeline then serves all. */
  readonly staged?: boolean;
}

/** One dispatch of a page. */
export interface Call {
  /** A value for each binding of the page; `null` binds nothing (the page must not touch it then). */
  readonly bind: Readonly<Record<string, Value | null>>;
  /** A value for each member of `struct Params`; vectors and arrays as flat lists. */
  readonly params?: Readonly<Record<string, number | readonly number[]>>;
  /** Values of `override` constants. */
  readonly overrides?: Readonly<Record<string, number>>;
  /** Values of `const` lines marked `// @tune`. */
  readonly tune?: Readonly<Record<string, number>>;
  /** Workgroups along x, y and z, or a number of workgroups that `lib/grid.wgsl` unfolds from two dimensions. */
  readonly groups: readonly [number, number, number] | number;
  /** Worst case of loop iterations of one invocation, over all loops left after expansion (platform: at most 60,000). */
  readonly iterations: number;
  /**
   * The page can run on a range of layers at a time, where buffers exceed what can be bound: it writes the layers from
   * `slab_begin()` to `slab_end()` and reads up to `halo` layers beyond them. All bindings have `layers` layers, except
   * those named in `whole`, such as tables of weights, and the one in `parts`.
   */
  readonly slab?: {
    readonly layers: number;
    readonly halo: number;
    readonly whole?: readonly string[];
    /**
     * A `linear` binding that the page reads nothing of but elements of which `has_NAME` is true. One that is too large to be
     * bound is bound in parts, each by a dispatch of its own that must leave alone what it lacks the elements for.
     */
    readonly parts?: string;
    readonly groups: (layers: number) => readonly [number, number, number];
  };
}

/** Records work. Nothing is allocated or run before the recording is complete. */
export interface Recorder {
  /** What forms are chosen by. */
  readonly facts: Facts;
  /** Records an operation: checks options and inputs, picks the form, records its passes. */
  apply<O>(operation: Operation<O>, inputs: readonly Value[], options: Partial<O>): Value[];
  /** Records one dispatch. Values are converted to the layouts of the page's bindings. */
  dispatch(page: Page, call: Call): void;
  /** A value that a page will write. The layout is that of the first page that writes it. */
  temporary(spec: Spec): Value;
  /** A small table of the host (weights, twiddles), uploaded with the recording. */
  constant(data: Float32Array | Int32Array | Uint32Array, shape: readonly number[]): Value;
  /** The same elements in another shape of the same size, without work where the layout allows it. */
  reshape(value: Value, shape: readonly number[]): Value;
  /**
   * A value computed from one that doesn't change, such as packed weights: `make` is recorded once for a tensor, which
   * keeps the result under `key` for later recordings; for an intermediate value it is recorded each time. `onHost` computes
   * the same elements, row-major, of those of the source: it takes the place of what was recorded where these are f32 and lie on
   * the host.
   */
  derived(
    source: Value,
    key: string,
    make: (source: Value) => Value,
    onHost?: (elements: Float32Array) => Float32Array<ArrayBuffer>,
  ): Value;
}

/** Checks options and fills in defaults. Throws a `TypeError` or `RangeError` naming path, value and what is allowed. */
export interface OptionsSchema<O> {
  /** The options, checked and with defaults filled in. */
  parse(options: unknown): O;
  /** JSON schema of the options, for the pipeline's schema. */
  toJSONSchema(): Record<string, unknown>;
}

/** The fewest bytes moved and floating-point operations, for the roofline of the bench. */
export interface Cost {
  /** The fewest bytes read and written. */
  readonly bytes: number;
  /** The fewest floating-point operations. */
  readonly flops: number;
}

/** Values of a form's constants that change how fast it is and not what it computes, such as the extents of its tiles. */
export type Tune = Readonly<Record<string, number>>;

/** One of several ways to compute an operation. */
export interface Form<O> {
  /** Whether a device has what it can't do without; left out where it runs everywhere. */
  readonly needs?: (facts: Facts) => boolean;
  /** Whether it can compute this at all; left out where it always can. Where it is forced and can't, another serves. */
  readonly serves?: (inputs: readonly Spec[], options: O) => boolean;
  /** Greatest error, where it is another than the operation's. */
  readonly bound?: number;
  /** The work that it executes, where that is less than the definition's. */
  readonly cost?: (inputs: readonly Spec[], options: O) => Cost;
  /** The tile sizes that are worth measuring; the first are taken where nothing was measured. Left out where it has none. */
  readonly tune?: (inputs: readonly Spec[], options: O, facts: Facts) => readonly Tune[];
}

/** The declaration of an operation. */
export interface Operation<O> {
  /** Name of the operation, after which its folder is named. */
  readonly name: string;
  /** What its options may be. */
  readonly options: OptionsSchema<O>;
  /** Type and shape of each output, or an error that names both sides. */
  readonly outputs: (inputs: readonly Spec[], options: O) => Spec[];
  /** The least work that it takes. */
  readonly cost: (inputs: readonly Spec[], options: O) => Cost;
  /** The forms by name, where there is more than one. */
  readonly forms?: Readonly<Record<string, Form<O>>>;
  /** Chooses the fastest form for shapes and options on a device; required where there is more than one. */
  readonly choose?: (inputs: readonly Spec[], options: O, facts: Facts) => string;
  /** Records its passes and gives its results, in the named form with one of the tile sizes that this has. */
  readonly record: (r: Recorder, inputs: readonly Value[], options: O, form: string, tune: Tune) => Value[];
  /** The same function in f64, from the definition. */
  readonly twin: (inputs: readonly HostTensor[], options: O) => HostTensor[];
  /** Greatest `|device - twin|` relative to what `scale` says; 0 is exact. */
  readonly bound: number;
  /**
   * What an error is relative to: the greatest magnitude of its output (default), or the magnitude of each element,
   * where elements are quantities of different kinds or each is one operation. Where that is 0, the error is absolute.
   */
  readonly scale?: "output" | "element";
  /** The same function of 64-bit integers without rounding, or `undefined` where there is none: it computes shapes. */
  readonly exact?: (inputs: readonly ExactTensor[], options: O) => ExactTensor | undefined;
  /**
   * It computes nothing: each element of its result is an element of these inputs (by position), and the other inputs
   * say which. Any type will do. Given indices as elements, its twin tells where elements come from.
   */
  readonly moves?: "all" | readonly number[];
  /**
   * It does the bulk of a network's work: left to the device even if the host knows its inputs, and counted in MACs.
   */
  readonly bulk?: true;
  /**
   * It adds its third input, a vector, along this axis of its result (-1 is the last), so that a graph may fuse one.
   */
  readonly biasAxis?: number;
  /** The cases that test it. */
  readonly cases?: readonly Case<O>[];
}

/** Inputs and options worth trying. */
export interface Case<O> {
  /** What it tries. */
  readonly name: string;
  /** Makes its inputs. */
  readonly inputs: () => HostTensor[];
  /** Its options; the others have their defaults. */
  readonly options: Partial<O>;
}

/** An operation of one image or volume that gives one: called as `filter(r, image, options)`. */
export type Filter<O> = Operation<O> & ((r: Recorder, image: Value, options?: Partial<O>) => Value);

/** A page from its text and what it is bound to; `file` is `import.meta.resolve("./x.wgsl")`. */
export function definePage(page: {
  name: string;
  file: string;
  text: string;
  libs?: readonly Lib[];
  bindings: readonly Binding[];
  subgroups?: boolean;
  staged?: boolean;
}): Page {
  return { libs: [], ...page };
}

/** A callable declaration: `operation(r, image, options)` applies it to one input and gives its one output. */
export function defineOperation<O>(operation: Operation<O>): Filter<O> {
  const call = (r: Recorder, image: Value, options: Partial<O> = {}): Value => r.apply(operation, [image], options)[0];
  Object.defineProperty(call, "name", { value: operation.name });
  return Object.assign(call, omitName(operation)) as Filter<O>;
}

function omitName<O>(operation: Operation<O>): Omit<Operation<O>, "name"> {
  const { name: _, ...rest } = operation;
  return rest;
}
