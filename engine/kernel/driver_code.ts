/**
 * Brings a driver to make its code for pipelines before their first use. lavapipe translates a pipeline only when it is first
 * dispatched, once for each kind of textures that are bound to it, and all of it on the thread of that submit; what it has
 * translated it keeps in a cache of the user's, which all devices and processes share.
 */

import { firstTensorBinding } from "./page.ts";

/** What a pipeline is made of, as plain data. */
export interface PipelineSource {
  readonly label: string;
  readonly code: string;
  readonly entries: GPUBindGroupLayoutEntry[];
  readonly constants: Readonly<Record<string, number>>;
}

/** A pipeline as a driver makes code for it. */
export interface DriverCode {
  readonly source: PipelineSource;
  /** Extents of textures of the same kind as those that are bound, by the position of the page's binding. */
  readonly textures: readonly (TextureKind | undefined)[];
}

/** The least width, height and layers that a texture of its kind has. */
export type TextureKind = readonly [number, number, number];

/** The kind of a texture: llvmpipe tells extents that are powers of two from others, and one layer from several. */
export function textureKind(width: number, height: number, layers: number): TextureKind {
  const least = (extent: number) => (extent & (extent - 1)) === 0 ? 1 : 3;
  return [least(width), least(height), Math.min(layers, 2)];
}

/** A pipeline with the layout of what it binds. */
export interface MadePipeline {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroupLayout;
}

/** Makes a pipeline. */
export function makePipeline(device: GPUDevice, source: PipelineSource): MadePipeline & { module: GPUShaderModule } {
  const { label, code, entries, constants } = source;
  const bindings = device.createBindGroupLayout({ label, entries });
  const module = device.createShaderModule({ label, code });
  const pipeline = device.createComputePipeline({
    label,
    layout: device.createPipelineLayout({ bindGroupLayouts: [bindings] }),
    compute: { module, entryPoint: "main", constants },
  });
  return { pipeline, bindings, module };
}

/** A device that makes the same code as another. */
export interface CodeDevice {
  /** The adapter's description. */
  readonly name: string;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

/** Pipelines for several threads: each is done by who takes its place in `taken` first. */
export interface CodeShare {
  readonly codes: readonly DriverCode[];
  readonly taken: Int32Array<SharedArrayBuffer>;
}

/** What a Worker is told; it answers once nothing of the share is left. */
export interface ToCodeWorker {
  readonly device: CodeDevice;
  readonly share: CodeShare;
}

/** Takes a place; false where somebody has it. */
export const take = (taken: Int32Array, place: number): boolean => Atomics.compareExchange(taken, place, 0, 1) === 0;

/** Largest struct that a page may have as its uniform. */
const uniformBytes = 1 << 16;

/** Dispatches pipelines over nothing, which makes the driver's code for them and computes nothing. */
export class DriverCodes {
  readonly #device: GPUDevice;
  /** Bound in the place of tensors, by what they are; each binding has its own, as some exclude each other. */
  readonly #resources = new Map<string, GPUBindingResource>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Submits an empty dispatch of a pipeline; returns once the driver is done with the submit before. */
  make({ pipeline, bindings }: MadePipeline, { source, textures }: DriverCode): void {
    const entries = source.entries.map((entry): GPUBindGroupEntry => {
      return { binding: entry.binding, resource: this.#resource(entry, textures[entry.binding - firstTensorBinding]) };
    });
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.#device.createBindGroup({ layout: bindings, entries }));
    pass.dispatchWorkgroups(0);
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  #resource({ binding, buffer, storageTexture }: GPUBindGroupLayoutEntry, kind: TextureKind = [1, 1, 1]) {
    const type = buffer?.type ?? (storageTexture?.access === "write-only" ? "store" : "load");
    const key = [binding, type, ...buffer ? [] : kind].join();
    let resource = this.#resources.get(key);
    if (resource === undefined) {
      this.#resources.set(key, resource = buffer === undefined ? this.#texture(kind) : this.#buffer(type));
    }
    return resource;
  }

  #buffer(type: string): GPUBufferBinding {
    const usage = type === "uniform" ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE;
    return { buffer: this.#device.createBuffer({ size: type === "uniform" ? uniformBytes : 256, usage }) };
  }

  #texture(size: TextureKind): GPUTextureView {
    const usage = GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING;
    const texture = this.#device.createTexture({ size: [...size], format: "rgba32float", usage });
    return texture.createView({ dimension: "2d-array" });
  }
}
