/**
 * Stores by way of a buffer: on lavapipe a store into a texture costs four times as much as one into a buffer, and a
 * copy between them next to nothing. A page that writes a texture then gets a buffer of padded rows in its place, which
 * is copied into the texture after the dispatch. Pages know nothing of it.
 */

import type { Facts, Page } from "../../shaders/contract.ts";
import type { Need } from "../memory/pool.ts";
import type { DispatchStep, Node, Step } from "./recording.ts";
import type { Slab } from "./slabs.ts";

/** Rows of a texture start at multiples of this many texels (256 bytes) in a buffer. */
const pitchAlignment = 16;
/**
 * Bytes of a result from which on the copy pays on lavapipe; elsewhere it never does. Measured: from 50 to 250 KiB it saves
 * the device as much as it costs the host, which encodes a pass and a copy more; from 500 KiB on ResNet50 is slower without.
 */
export const stagedFrom = (adapter: Facts["adapter"]): number => adapter === "lavapipe" ? 1 << 18 : Infinity;
/** From this share of that on results go by way of a buffer where others of the same page do: that saves a pipeline. */
const smallShare = 1 / 5;
/**
 * Bytes of a staging buffer: dispatches that write more are cut between layers where they can be. A buffer that the caches
 * hold gains up to 1.3 times (measured from 1 to 32 MiB), as a store that misses them waits for its line to be read.
 */
const mostBytes = 1 << 21;
/** Offsets of bound ranges are aligned to this. */
const alignment = 256;

/** Texels between the starts of two rows of a staging buffer. */
const pitchOf = (node: Node): number => Math.ceil(node.extents.texels / pitchAlignment) * pitchAlignment;

const bytesOf = (node: Node): number => pitchOf(node) * node.extents.rows * node.extents.layers * 16;

/** How a dispatch stores by way of a buffer. */
export interface Staging {
  /** Layers (of the step's slab) that the buffer holds at a time. */
  readonly layers: number;
  /** Bytes of the buffer that this takes. */
  readonly bytes: number;
  /** For each binding, the bytes that a layer (of the step's slab) takes, and the byte at which its range begins. */
  readonly ranges: readonly ({ readonly layerBytes: number; readonly offset: number } | null)[];
  /**
   * Where steps one after the other write the same textures, such as the inside and the edge of an image, the buffer holds all layers
   * and goes into the textures after the last of them.
   */
  readonly place?: "first" | "last";
}

/** The textures that a step writes, by binding. */
function writtenTextures(step: DispatchStep): (Node | null)[] {
  return step.page.bindings.map(({ access }, index) => {
    const node = step.nodes[index];
    return access === "write" && node?.home === "texture" ? node : null;
  });
}

/** How often each node is written: what several steps write must keep what the others wrote. */
function countWrites(steps: readonly Step[]): Map<Node, number> {
  const writes = new Map<Node, number>();
  const count = (node: Node) => void writes.set(node, (writes.get(node) ?? 0) + 1);
  for (const step of steps) {
    if (step.kind === "copy") count(step.to);
    else writtenTextures(step).forEach((node) => node && count(node));
  }
  return writes;
}

/** Steps that follow each other and write the same textures, each time all that are written of these. */
function groupsOf(steps: readonly Step[], writes: ReadonlyMap<Node, number>): DispatchStep[][] {
  const groups: DispatchStep[][] = [];
  for (let at = 0; at < steps.length;) {
    const step = steps[at];
    if (step.kind === "copy") {
      at++;
      continue;
    }
    const written = new Set(writtenTextures(step).filter((node) => node !== null));
    const count = Math.max(1, ...[...written].map((node) => writes.get(node)!));
    const group = steps.slice(at, at + count);
    const isSame = (other: Step): other is DispatchStep => {
      if (other.kind === "copy") return false;
      const nodes = writtenTextures(other).filter((node) => node !== null);
      return nodes.length === written.size && nodes.every((node) => written.has(node) && writes.get(node) === count);
    };
    if (group.length === count && group.every(isSame)) groups.push(group as DispatchStep[]);
    at += group.length === count && group.every(isSame) ? count : 1;
  }
  return groups;
}

/** Bytes that offsets of bound ranges are rounded up to. */
const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** How steps of a group store by way of a buffer of at most `limit` bytes; none where it doesn't pay or can't be. */
function stagingsOf(group: readonly DispatchStep[], from: number, limit: number): Staging[] | undefined {
  const staged = writtenTextures(group[0]).filter((node): node is Node => node !== null && bytesOf(node) >= from);
  if (staged.length === 0) return undefined;
  const offsets = new Map<Node, number>();
  let total = 0;
  for (const node of staged) {
    offsets.set(node, total);
    total += aligned(bytesOf(node));
  }
  if (group.length > 1) {
    if (total > limit) return undefined;
    return group.map((step, index) => {
      const layers = step.call.slab?.layers ?? 1;
      const ranges = writtenTextures(step).map((node) =>
        node && offsets.has(node) ? { layerBytes: bytesOf(node) / layers, offset: offsets.get(node)! } : null
      );
      return { layers, bytes: total, ranges, place: index === group.length - 1 ? "last" : "first" };
    });
  }
  const staging = stagingOf(group[0], new Set(staged), limit);
  return staging && [staging];
}

/** How a step that writes textures alone stores by way of a buffer of at most `limit` bytes. */
function stagingOf(step: DispatchStep, staged: ReadonlySet<Node>, limit: number): Staging | undefined {
  const { slab } = step.call;
  const layers = slab?.layers ?? 1;
  const nodes = writtenTextures(step).map((node, index) => {
    if (!node || !staged.has(node)) return null;
    const isCut = node.extents.layers % layers === 0 && !slab?.whole?.includes(step.page.bindings[index].name);
    return slab === undefined || isCut ? node : null;
  });
  if (nodes.every((node) => node === null)) return undefined;
  const layerBytes = nodes.map((node) => node ? bytesOf(node) / layers : 0);
  const perLayer = layerBytes.reduce((sum, bytes) => sum + bytes, 0);
  const most = Math.min(limit, slab ? Math.max(mostBytes, perLayer + alignment * nodes.length) : limit);
  const fitting = Math.min(layers, Math.floor((most - alignment * nodes.length) / perLayer));
  if (fitting < (slab ? 1 : layers)) return undefined;
  let bytes = 0;
  const ranges = nodes.map((node, index) => {
    if (!node) return null;
    const offset = bytes;
    bytes += aligned(layerBytes[index] * fitting);
    return { layerBytes: layerBytes[index], offset };
  });
  return { layers: fitting, bytes, ranges };
}

/** What tells the shaders of a page apart, but for the homes of tensors. */
const variantOf = ({ call: { tune, overrides } }: DispatchStep): string => JSON.stringify([tune, overrides]);

/** What all steps of a run store through: they take turns with one buffer. */
export interface StagingPlan {
  readonly need: Need;
  readonly steps: ReadonlyMap<Step, Staging>;
}

/** Which steps store by way of a buffer; none where no step does. */
export function planStaging(steps: readonly Step[], from: number, limit: number): StagingPlan | undefined {
  if (from === Infinity) return undefined;
  const stagings = new Map<Step, Staging>();
  const groups = groupsOf(steps, countWrites(steps));
  const plan = (group: readonly DispatchStep[], from: number) =>
    stagingsOf(group, from, limit)?.forEach((staging, index) => stagings.set(group[index], staging));
  for (const group of groups) plan(group, group[0].page.staged ? 0 : from);
  if (stagings.size === 0) return undefined;
  const variants = new Map<Page, Set<string>>();
  for (const step of groups.flat()) {
    if (!stagings.has(step)) continue;
    const known = variants.get(step.page) ?? new Set();
    variants.set(step.page, known.add(variantOf(step)));
  }
  const isKnown = (step: DispatchStep) => variants.get(step.page)?.has(variantOf(step)) ?? false;
  for (const group of groups) if (!stagings.has(group[0]) && group.every(isKnown)) plan(group, from * smallShare);
  const bytes = Math.max(...[...stagings.values()].map((staging) => staging.bytes));
  // Powers of two find a second use in the next run.
  return { need: { kind: "buffer", bytes: Math.min(limit, 2 ** Math.ceil(Math.log2(bytes))) }, steps: stagings };
}

/** A copy of layers from the buffer into their texture. */
export interface StagedCopy {
  /** The place of the texture. */
  readonly to: number;
  readonly source: Omit<GPUTexelCopyBufferInfo, "buffer">;
  readonly origin: readonly [number, number, number];
  readonly size: readonly [number, number, number];
}

/** What a dispatch of a slab stores into: ranges of the buffer. */
export function stagedSlab(slab: Slab, { ranges: targets, place, layers }: Staging): Slab {
  const ranges = slab.ranges.map((range, index) => {
    const target = targets[index];
    if (!target) return range;
    const { layerBytes, offset } = target;
    if (place !== undefined) return { offset, bytes: layerBytes * layers, first: 0 };
    return { offset, bytes: layerBytes * (slab.end - slab.begin), first: layerBytes * slab.begin / 16 };
  });
  return { ...slab, ranges };
}

/** The copies that follow a dispatch of a slab; `places` are those of the step's nodes. */
export function stagedCopies(
  step: DispatchStep,
  slab: Slab,
  { ranges, place, layers }: Staging,
  places: readonly number[],
): StagedCopy[] {
  if (place === "first" || (place === "last" && slab.end < layers)) return [];
  const [begin, end] = place === "last" ? [0, layers] : [slab.begin, slab.end];
  return ranges.flatMap((range, index) => {
    const node = step.nodes[index];
    if (!range || !node) return [];
    const { texels, rows } = node.extents;
    const bytesPerRow = pitchOf(node) * 16;
    const scale = range.layerBytes / (bytesPerRow * rows);
    return [{
      to: places[index],
      source: { offset: range.offset, bytesPerRow, rowsPerImage: rows },
      origin: [0, 0, begin * scale],
      size: [texels, rows, (end - begin) * scale],
    }];
  });
}
