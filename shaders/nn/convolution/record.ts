/** How the forms of convolution and transposed convolution are recorded. */

import type { Recorder, Value } from "../../contract.ts";
import { sizeOf, xyz } from "../../shape.ts";
import { type Epilogue, epilogueOverrides } from "../epilogue.ts";
import { iterationLimit, nestedIterations } from "../loops.ts";
import type { Geometry } from "./geometry.ts";
import { depthwise, general, generalLanes, packWeights, packWeightsLanes, plain } from "./pages.ts";

/** What every form is recorded from. */
export interface Work {
  readonly geometry: Geometry;
  readonly x: Value;
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

/** Weights in the order of the forms of `channels4`; a tensor keeps them. */
export function packed(r: Recorder, { geometry, weight, transposed }: Work): Value {
  const taps = sizeOf(geometry.kernel);
  const inChannels = geometry.inChannels / geometry.groups;
  const rows = Math.ceil(blocksOf(inChannels) / 2) * 2;
  const layers = blocksOf(geometry.outChannels);
  const { outStride, inStride } = weightStrides(geometry, transposed);
  return r.derived(weight, `convolution:${transposed}:${geometry.groups}`, (weight) => {
    const result = r.temporary({ dtype: "f32", shape: [layers, rows, taps * 16] });
    r.dispatch(packWeights, {
      bind: { weight, packed: result },
      params: {
        out_channels: geometry.outChannels,
        in_channels: inChannels,
        out_stride: outStride,
        in_stride: inStride,
      },
      groups: [Math.ceil(taps * 4 / 8), Math.ceil(rows / 8), layers],
      iterations: 0,
    });
    return result;
  });
}

/** Weights in the order in which lanes hand them round, for so many texels of output channels per invocation. */
function packedForLanes(r: Recorder, { geometry, weight, transposed }: Work, texels: number): Value {
  const { kernel, inChannels, outChannels } = geometry;
  const { outStride, inStride } = weightStrides(geometry, transposed);
  return r.derived(weight, `convolution:lanes:${transposed}:${texels}`, (weight) => {
    const shape = [Math.ceil(blocksOf(outChannels) / texels), sizeOf(kernel), Math.ceil(inChannels / 8) * 32 * texels];
    const result = r.temporary({ dtype: "f32", shape });
    r.dispatch(packWeightsLanes, {
      bind: { weight, packed: result },
      params: { out_channels: outChannels, in_channels: inChannels, out_stride: outStride, in_stride: inStride },
      tune: { TEXELS: texels },
      groups: [Math.ceil(shape[2] / 256), shape[1], shape[0]],
      iterations: 0,
    });
    return result;
  });
}

/** What the pages of `channels4` bind. */
export function bindings(work: Work, weight: Value): Record<string, Value | null> {
  return { x: work.x, weight, bias: work.bias ?? null, added: work.added ?? null, y: work.y };
}

/** Invocations of a workgroup: lanes that hand weights round are eight, and a workgroup is one subgroup of them. */
export const workgroupOf = (r: Recorder, byLanes: boolean): number => r.facts.adapter === "gpu" && !byLanes ? 64 : 8;

/** One axis of what a dispatch of the form `general` computes; the page's params say what each number is. */
interface AxisPart {
  readonly grid: number;
  readonly outStep: number;
  readonly outOffset: number;
  readonly inStep: number;
  readonly inOffset: number;
  readonly taps: number;
  readonly tapStep: number;
  readonly kernelStep: number;
  readonly kernelOffset: number;
}

function convolutionParts(geometry: Geometry, axis: number): AxisPart[] {
  return [{
    grid: geometry.output[axis],
    outStep: 1,
    outOffset: 0,
    inStep: geometry.strides[axis],
    inOffset: -geometry.padsBegin[axis],
    taps: geometry.kernel[axis],
    tapStep: geometry.dilations[axis],
    kernelStep: 1,
    kernelOffset: 0,
  }];
}

/** An output o takes the tap k from the input i where o + pad = i * stride + k: one part for each remainder of o + pad. */
function transposedParts(geometry: Geometry, axis: number): AxisPart[] {
  const stride = geometry.strides[axis], pad = geometry.padsBegin[axis], size = geometry.output[axis];
  return Array.from({ length: Math.min(stride, size) }, (_, first) => {
    const remainder = (first + pad) % stride;
    return {
      grid: Math.ceil((size - first) / stride),
      outStep: stride,
      outOffset: first,
      inStep: 1,
      inOffset: (first + pad - remainder) / stride,
      taps: Math.max(0, Math.ceil((geometry.kernel[axis] - remainder) / stride)),
      tapStep: -1,
      kernelStep: stride,
      kernelOffset: remainder,
    };
  });
}

/** Whether the part has one tap, which never lies outside the input. */
function isSingle({ grid, inStep, inOffset, taps }: AxisPart, size: number): boolean {
  return taps === 1 && inOffset >= 0 && (grid - 1) * inStep + inOffset < size;
}

/**
 * Records the form `general`, or `generalLanes`: one dispatch, or one for each remainder of the stride for a transposed
 * convolution.
 */
export function recordGeneral(r: Recorder, work: Work, byLanes = false): void {
  const { geometry, transposed } = work;
  const axes = geometry.input.map((_, axis) => (transposed ? transposedParts : convolutionParts)(geometry, axis));
  const blocks = blocksOf(geometry.outChannels);
  const texels = blocks >= 4 && r.facts.adapter !== "gpu" ? 4 : Math.min(blocks, 2);
  const bind = bindings(work, byLanes ? packedForLanes(r, work, texels) : packed(r, work));
  const combinations = axes.reduce<AxisPart[][]>(
    (done, axis) => done.flatMap((some) => axis.map((one) => [...some, one])),
    [[]],
  );
  for (const parts of combinations) recordPart(r, work, { bind, texels, byLanes }, parts);
}

function recordPart(
  r: Recorder,
  work: Work,
  { bind, texels, byLanes }: { bind: Record<string, Value | null>; texels: number; byLanes: boolean },
  parts: readonly AxisPart[],
): void {
  const { geometry } = work;
  const pixels = geometry.batch * sizeOf(parts.map(({ grid }) => grid));
  const blocks = blocksOf(geometry.outChannels);
  const workgroup = workgroupOf(r, byLanes);
  const perInvocation = pixels <= 2 * workgroup || workgroup > 8 ? 2 : 8;
  const runs = Math.ceil(pixels / (workgroup * perInvocation));
  const list = (key: keyof AxisPart, missing: number) => [...xyz(parts.map((part) => part[key]), missing), 0];
  const single = parts.every((part, axis) => isSingle(part, geometry.input[axis]));
  const [x, y, z] = xyz(parts.map(({ taps }) => taps), 1);
  r.dispatch(byLanes ? generalLanes : general, {
    bind,
    params: {
      input: size(geometry.input, blocksOf(geometry.inChannels)),
      output: size(geometry.output, blocks),
      grid: [...xyz(parts.map(({ grid }) => grid), 1), pixels],
      out_step: list("outStep", 1),
      out_offset: list("outOffset", 0),
      in_step: list("inStep", 1),
      in_offset: list("inOffset", 0),
      taps: list("taps", 1),
      tap_step: list("tapStep", 1),
      kernel_step: list("kernelStep", 1),
      kernel_offset: list("kernelOffset", 0),
      kernel: size(geometry.kernel, 0),
      channels: geometry.outChannels,
      runs,
    },
    overrides: shared(work),
    tune: { WORKGROUP: workgroup, PIXELS: perInvocation, TEXELS: texels, SINGLE: single ? 1 : 0 },
    groups: runs * Math.ceil(blocks / texels),
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
