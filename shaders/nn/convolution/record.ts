/** How the forms of convolution and transposed convolution are recorded. */

import type { Call, Facts, Page, Recorder, Tune, Value } from "../../contract.ts";
import { sizeOf, xyz } from "../../shape.ts";
import { type Epilogue, epilogueOverrides } from "../epilogue.ts";
import { iterationLimit, nestedIterations } from "../loops.ts";
import type { Geometry } from "./geometry.ts";
import { depthwise, general, generalLanes, packWeights, plain, type SourcePages } from "./pages.ts";

/** Maps that a convolution reads side by side, besides the first one, and what it does to them on the way. */
export interface Joined {
  /** By what the first map is normalized, if it is. */
  readonly moments: Value | undefined;
  readonly second: Value | undefined;
  readonly secondMoments: Value | undefined;
  /** How often the axes of either are doubled. */
  readonly doublings: readonly [number, number];
  /** What happens to normalized maps: at most one step. */
  readonly activation: Epilogue;
}

/** What every form is recorded from. */
export interface Work {
  readonly geometry: Geometry;
  /** The input, or the first map of it. */
  readonly x: Value;
  readonly joined?: Joined;
  readonly weight: Value;
  readonly bias: Value | undefined;
  readonly added: Value | undefined;
  readonly y: Value;
  readonly epilogue: Epilogue;
  readonly transposed: boolean;
}

/** Blocks of four channels. */
export const blocksOf = (channels: number) => Math.ceil(channels / 4);

/** Spatial sizes as x, y, z, and one number more. */
export const size = (spatial: readonly number[], last: number) => [...xyz(spatial, 1), last];

/** The overrides that all forms of `channels4` take. */
export function shared(work: Work, extra: Record<string, number> = {}): Record<string, number> {
  return {
    ...epilogueOverrides(work.epilogue),
    HAS_BIAS: work.bias ? 1 : 0,
    HAS_ADDED: work.added ? 1 : 0,
    ...extra,
  };
}

/** Loop iterations of an invocation in the form `general`. */
export function generalIterations({ kernel, inChannels }: Geometry): number {
  const [x, y, z] = xyz(kernel, 1);
  return nestedIterations([z, y, x, Math.ceil(blocksOf(inChannels) / 2)]);
}

/** Distances between neighboring channels in weights `[M, C, taps]`, or `[C, M, taps]` of a transposed convolution. */
export function weightStrides({ kernel, inChannels, outChannels, groups }: Geometry, transposed: boolean) {
  const taps = sizeOf(kernel);
  return transposed
    ? {
      outStride: taps,
      inStride: outChannels / groups * taps,
      groupStride: inChannels / groups * (outChannels / groups) * taps,
    }
    : {
      outStride: inChannels / groups * taps,
      inStride: taps,
      groupStride: outChannels / groups * (inChannels / groups) * taps,
    };
}

/** How packed weights lie: see `pack_weights.wgsl`. */
interface PackedOrder {
  readonly shape: readonly [layers: number, rows: number, floats: number];
  readonly inner: number;
  readonly middle: number;
  readonly rowsAreTaps: boolean;
}

/** Weights in an order that a tensor keeps under a key. */
function packedAs(r: Recorder, { geometry, weight, transposed }: Work, key: string, order: PackedOrder): Value {
  const { outStride, inStride } = weightStrides(geometry, transposed);
  const { shape: [layers, rows, floats], inner, middle, rowsAreTaps } = order;
  return r.derived(weight, key, (weight) => {
    const result = r.temporary({ dtype: "f32", shape: [layers, rows, floats] });
    r.dispatch(packWeights, {
      bind: { weight, packed: result },
      params: {
        out_channels: geometry.outChannels,
        in_channels: geometry.inChannels / geometry.groups,
        out_stride: outStride,
        in_stride: inStride,
        inner,
        middle,
        rows_are_taps: rowsAreTaps ? 1 : 0,
      },
      groups: [Math.ceil(rows * floats / 256), 1, layers],
      iterations: 0,
    });
    return result;
  });
}

/** Weights in the order of the forms of `channels4`. */
export function packed(r: Recorder, work: Work): Value {
  const { geometry, transposed } = work;
  const rows = Math.ceil(blocksOf(geometry.inChannels / geometry.groups) / 2) * 2;
  return packedAs(r, work, `convolution:${transposed}:${geometry.groups}`, {
    shape: [blocksOf(geometry.outChannels), rows, sizeOf(geometry.kernel) * 16],
    inner: 4,
    middle: 1,
    rowsAreTaps: false,
  });
}

/** Weights in the order in which lanes hand them round, for so many texels of output channels per invocation. */
function packedForLanes(r: Recorder, work: Work, texels: number): Value {
  const { geometry: { kernel, inChannels, outChannels }, transposed } = work;
  return packedAs(r, work, `convolution:lanes:${transposed}:${texels}`, {
    shape: [Math.ceil(blocksOf(outChannels) / texels), sizeOf(kernel), Math.ceil(inChannels / 8) * 32 * texels],
    inner: 8,
    middle: texels,
    rowsAreTaps: true,
  });
}

/** What the pages of `channels4` bind. */
export function bindings(work: Work, weight: Value): Record<string, Value | null> {
  return { x: work.x, weight, bias: work.bias ?? null, added: work.added ?? null, y: work.y };
}

/** What a dispatch of one of {@linkcode SourcePages} has in common. */
interface SourceCall extends Required<Pick<Call, "bind" | "params" | "overrides" | "tune">> {
  readonly page: Page;
  /** Bindings that have other layers than the result. */
  readonly whole: readonly string[];
}

/** Tells a page where its input lies. */
export function sourceOf({ x, joined, geometry }: Work, pages: SourcePages): SourceCall {
  const told = [blocksOf(x.shape[1]), ...joined?.doublings ?? [0, 0], 0];
  const params = { in_channels: geometry.inChannels, joined: told };
  if (joined === undefined) return { page: pages.plain, bind: {}, params, overrides: {}, tune: {}, whole: [] };
  const { moments, second = null, secondMoments, activation } = joined;
  told[3] = (moments ? 1 : 0) + (secondMoments ? 2 : 0);
  const { EPILOGUE_0: ACTIVATION = 0, EPILOGUE_0_A: ACTIVATION_A = 0 } = epilogueOverrides(activation);
  // A map that isn't normalized is given the moments of the other, which it leaves alone.
  const [own, others] = [moments ?? secondMoments ?? null, secondMoments ?? moments ?? null];
  return {
    page: pages.joined,
    bind: { moments: own, second, second_moments: others },
    params,
    overrides: { ACTIVATION, ACTIVATION_A },
    tune: { TWO: second ? 1 : 0, NORMALIZES: own ? 1 : 0 },
    whole: ["moments", "second", "second_moments"],
  };
}

/** Invocations of a workgroup: lanes that hand weights round are eight, and a workgroup is one subgroup of them. */
export const workgroupOf = ({ adapter }: Facts, byLanes: boolean): number => adapter === "gpu" && !byLanes ? 64 : 8;

/** One axis of what the form `general` computes; the page's params say what each number is. */
interface Axis {
  /** Outputs of the greatest part. */
  readonly grid: number;
  readonly parts: number;
  readonly outStep: number;
  readonly inStep: number;
  readonly inOffset: number;
  readonly tapStep: number;
  readonly kernelStep: number;
  readonly kernelOffset: number;
  /** Most taps that an output sees. */
  readonly taps: number;
  /** Whether every output sees one tap, which never lies outside the input. */
  readonly isSingle: boolean;
}

function convolutionAxis({ kernel, strides, padsBegin, dilations, input, output }: Geometry, axis: number): Axis {
  const inOffset = -padsBegin[axis], inStep = strides[axis], taps = kernel[axis], grid = output[axis];
  return {
    grid,
    parts: 1,
    outStep: 1,
    inStep,
    inOffset,
    tapStep: dilations[axis],
    kernelStep: 1,
    kernelOffset: 0,
    taps,
    isSingle: taps === 1 && inOffset >= 0 && (grid - 1) * inStep + inOffset < input[axis],
  };
}

/** An output o takes the tap k from the input i where o + pad = i * stride + k: one part for each remainder of o + pad. */
function transposedAxis({ kernel, strides, padsBegin, input, output }: Geometry, axis: number): Axis {
  const stride = strides[axis], size = output[axis];
  const grid = Math.ceil(size / stride), inOffset = Math.floor(padsBegin[axis] / stride);
  return {
    grid,
    parts: Math.min(stride, size),
    outStep: stride,
    inStep: 1,
    inOffset,
    tapStep: -1,
    kernelStep: stride,
    kernelOffset: padsBegin[axis] - inOffset * stride,
    taps: Math.ceil(kernel[axis] / stride),
    isSingle: kernel[axis] === stride && padsBegin[axis] === 0 && grid <= input[axis],
  };
}

const axesOf = (geometry: Geometry, transposed: boolean): Axis[] =>
  geometry.input.map((_, axis) => (transposed ? transposedAxis : convolutionAxis)(geometry, axis));

const pixelsOf = ({ batch }: Geometry, axes: readonly Axis[]): number => batch * sizeOf(axes.map(({ grid }) => grid));

/** Pixels and texels of output channels that an invocation of the form `general`, or `generalLanes`, may take. */
export function generalTunes(geometry: Geometry, transposed: boolean, facts: Facts, byLanes: boolean): Tune[] {
  const blocks = blocksOf(geometry.outChannels);
  const workgroup = workgroupOf(facts, byLanes);
  const pixels = pixelsOf(geometry, axesOf(geometry, transposed));
  const few = pixels <= 2 * workgroup;
  /** Pixels of all invocations: those beyond the end are computed for nothing. */
  const taken = (each: number) => Math.ceil(pixels / (each * workgroup)) * each * workgroup;
  // Maps are multiples of 7 where images are of 224 (measured: 0.88 of the time at 7x7 and 14x14). What gains little is not worth
  // pipelines of its own.
  const bySeven = taken(7) === pixels || taken(7) < 0.95 * taken(8);
  const [TEXELS, PIXELS] = [
    blocks >= 4 && facts.adapter !== "gpu" ? 4 : Math.min(blocks, 2),
    few || workgroup > 8 ? 2 : bySeven ? 7 : 8,
  ];
  const first = { PIXELS, TEXELS };
  const others = [{ PIXELS: Math.ceil(PIXELS / 2), TEXELS }, { PIXELS, TEXELS: Math.ceil(TEXELS / 2) }];
  return [first, ...others.filter((tune) => tune.TEXELS !== TEXELS || tune.PIXELS !== PIXELS)];
}

/** Records the form `general`, or `generalLanes`: one dispatch. */
export function recordGeneral(r: Recorder, work: Work, { PIXELS, TEXELS: texels }: Tune, byLanes = false): void {
  const { geometry, transposed } = work;
  const axes = axesOf(geometry, transposed);
  const blocks = blocksOf(geometry.outChannels);
  const pixels = pixelsOf(geometry, axes);
  const workgroup = workgroupOf(r.facts, byLanes);
  const runs = Math.ceil(pixels / (workgroup * PIXELS));
  const groups = runs * Math.ceil(blocks / texels);
  const list = (key: Exclude<keyof Axis, "isSingle">, missing: number, last = 0) => [
    ...xyz(axes.map((axis) => axis[key]), missing),
    last,
  ];
  const [x, y, z] = xyz(axes.map(({ taps }) => taps), 1);
  const source = sourceOf(work, byLanes ? generalLanes : general);
  r.dispatch(source.page, {
    bind: { ...bindings(work, byLanes ? packedForLanes(r, work, texels) : packed(r, work)), ...source.bind },
    params: {
      ...source.params,
      input: size(geometry.input, blocksOf(geometry.inChannels)),
      output: size(geometry.output, blocks),
      grid: list("grid", 1, pixels),
      parts: list("parts", 1, groups),
      out_step: list("outStep", 1),
      in_step: list("inStep", 1),
      in_offset: list("inOffset", 0),
      kernel: size(geometry.kernel, 0),
      tap_step: list("tapStep", 1),
      kernel_step: list("kernelStep", 1),
      kernel_offset: list("kernelOffset", 0),
      channels: geometry.outChannels,
      runs,
    },
    overrides: shared(work, source.overrides),
    tune: {
      ...source.tune,
      WORKGROUP: workgroup,
      PIXELS,
      TEXELS: texels,
      SINGLE: axes.every(({ isSingle }) => isSingle) ? 1 : 0,
      TRANSPOSED: transposed ? 1 : 0,
    },
    groups: groups * sizeOf(axes.map(({ parts }) => parts)),
    iterations: nestedIterations([z, y, x, Math.ceil(blocksOf(geometry.inChannels) / 2)]),
  });
}

/** Records the form `depthwise`. */
export function recordDepthwise(r: Recorder, work: Work): void {
  const { geometry } = work;
  const workgroup = r.facts.adapter === "gpu" ? 64 : 8;
  const pixels = geometry.batch * sizeOf(geometry.output);
  const runs = Math.ceil(pixels / (workgroup * 4));
  const blocks = blocksOf(geometry.outChannels);
  const [x, y, z] = xyz(geometry.kernel, 1);
  r.dispatch(depthwise, {
    bind: bindings(work, packed(r, work)),
    params: {
      input: size(geometry.input, blocks),
      output: size(geometry.output, blocks),
      strides: size(geometry.strides, 0),
      pads: [...xyz(geometry.padsBegin, 0), 0],
      dilations: size(geometry.dilations, 0),
      taps: [x, y, z, 0],
      pixels,
      channels: geometry.outChannels,
      runs,
    },
    overrides: shared(work),
    tune: { WORKGROUP: workgroup },
    groups: runs * blocks,
    iterations: nestedIterations([z, y, x]),
  });
}

/** Records the form `plain`: as many dispatches as the loop bound asks for. */
export function recordPlain(r: Recorder, work: Work): void {
  const { geometry, transposed } = work;
  const [x, y, z] = xyz(geometry.kernel, 1);
  const perChannel = 1 + nestedIterations([z, y, x]);
  const channels = sizeOf(work.x.shape) === 0 ? 0 : geometry.inChannels / geometry.groups;
  const step = Math.max(1, Math.floor((iterationLimit - 4) / perChannel));
  const strides = weightStrides(geometry, transposed);
  for (let begin = 0; begin === 0 || begin < channels; begin += step) {
    const end = Math.min(channels, begin + step);
    r.dispatch(plain, {
      bind: { x: work.x, weight: work.weight, bias: work.bias ?? null, added: work.added ?? null, y: work.y },
      params: {
        input: size(geometry.input, geometry.inChannels),
        output: size(geometry.output, geometry.outChannels),
        strides: size(geometry.strides, 1),
        pads: [...xyz(geometry.padsBegin, 0), 0],
        dilations: size(geometry.dilations, 1),
        taps: size(geometry.kernel, 1),
        in_channels: geometry.inChannels / geometry.groups,
        out_channels: geometry.outChannels / geometry.groups,
        in_stride: strides.inStride,
        out_stride: strides.outStride,
        group_stride: strides.groupStride,
        begin,
        end,
      },
      overrides: shared(work, {
        TRANSPOSED: transposed ? 1 : 0,
        CONTINUES: begin === 0 ? 0 : 1,
        COMPLETES: end === channels ? 1 : 0,
      }),
      groups: Math.ceil(sizeOf(work.y.shape) / 64),
      iterations: nestedIterations([end - begin, z, y, x]),
    });
  }
}
