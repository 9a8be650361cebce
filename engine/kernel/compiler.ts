/** Compiles pages into pipelines, once for each variant, and leads compile errors back to file and line. */

import type { Binding, Page } from "../../shaders/contract.ts";
import { DeviceError } from "../errors.ts";
import {
  assemble,
  firstTensorBinding,
  paramsBinding,
  type Shader,
  sizesBinding,
  type TextureAccess,
  type Variant,
} from "./page.ts";
import { type ParamsLayout, paramsLayout } from "./params.ts";

/** A pipeline with what a dispatch of it needs. */
export interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroupLayout;
  readonly params?: ParamsLayout;
  readonly shader: Shader;
}

/** Keeps the pipelines of a device. */
export class Compiler {
  readonly #device: GPUDevice;
  readonly #cache = new Map<string, Compiled>();
  readonly #pages = new Map<string, Page>();
  readonly #onFailure: (error: DeviceError) => void;
  /** Checks of pipelines that the device has not answered yet. */
  readonly #checks = new Set<Promise<void>>();

  constructor(device: GPUDevice, onFailure: (error: DeviceError) => void) {
    this.#device = device;
    this.#onFailure = onFailure;
  }

  /** How many pipelines were made. */
  get count(): number {
    return this.#cache.size;
  }

  /** The pages that pipelines were made of, by file. */
  get pages(): readonly Page[] {
    return [...this.#pages.values()];
  }

  /** Resolves when the device has answered for every pipeline. */
  async settled(): Promise<void> {
    if (this.#checks.size > 0) await Promise.all(this.#checks);
  }

  /** The pipeline of a page; an error of the shader is reported later, by `onFailure`. */
  compile(page: Page, variant: Variant, overrides: Readonly<Record<string, number>>): Compiled {
    const key = JSON.stringify([page.file, page.bindings, variant, overrides]);
    const known = this.#cache.get(key);
    if (known) return known;
    const compiled = this.#create(page, variant, overrides);
    this.#cache.set(key, compiled);
    this.#pages.set(page.file, page);
    return compiled;
  }

  #create(page: Page, variant: Variant, overrides: Readonly<Record<string, number>>): Compiled {
    const shader = assemble(page, variant);
    const device = this.#device;
    const bindings = device.createBindGroupLayout({ label: page.name, entries: layoutEntries(page, variant, shader) });
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: page.name, code: shader.text });
    const pipeline = device.createComputePipeline({
      label: page.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [bindings] }),
      compute: { module, entryPoint: "main", constants: { ...overrides } },
    });
    const check = device.popErrorScope().then(async (error) => {
      if (error) this.#onFailure(await compileError(page, module, shader, error.message));
    }).finally(() => this.#checks.delete(check));
    this.#checks.add(check);
    const params = shader.params === undefined
      ? undefined
      : paramsLayout(shader.params, shader.lines.map((line) => line.text).filter(isInteger).join("\n"));
    return { pipeline, bindings, params, shader };
  }
}

/** Constants that may size an array of `struct Params`. */
const isInteger = (text: string) => /^\s*const\s+\w+\s*(:\s*[iu]32)?\s*=\s*\d+[iu]?\s*;/.test(text);

function layoutEntries(page: Page, variant: Variant, shader: Shader): GPUBindGroupLayoutEntry[] {
  const visibility = GPUShaderStage.COMPUTE;
  const uniform = (binding: number): GPUBindGroupLayoutEntry => ({ binding, visibility, buffer: { type: "uniform" } });
  return [
    ...(shader.params === undefined ? [] : [uniform(paramsBinding)]),
    uniform(sizesBinding),
    ...page.bindings.map((binding, index) => ({
      binding: firstTensorBinding + index,
      visibility,
      ...resourceLayout(binding, variant.homes[binding.name] === "texture", variant.textureAccess),
    })),
  ];
}

function resourceLayout(
  binding: Binding,
  texture: boolean,
  access: TextureAccess,
): Omit<GPUBindGroupLayoutEntry, "binding" | "visibility"> {
  const reads = binding.access === "read";
  if (!texture) return { buffer: { type: reads ? "read-only-storage" : "storage" } };
  if (reads && access === "sampled") {
    return { texture: { sampleType: "unfilterable-float", viewDimension: "2d-array" } };
  }
  return {
    storageTexture: {
      access: reads ? "read-only" : "write-only",
      format: "rgba32float",
      viewDimension: "2d-array",
    },
  };
}

async function compileError(
  page: Page,
  module: GPUShaderModule,
  shader: Shader,
  message: string,
): Promise<DeviceError> {
  const { messages } = await module.getCompilationInfo();
  const first = messages.find((entry) => entry.type === "error");
  const line = first && shader.lines[first.lineNum - 1];
  const text = (first?.message ?? message).trim().split("\n").slice(0, 12).join("\n");
  if (!line) return new DeviceError(`The page ${page.name} (${page.file}) doesn't compile: ${text}`);
  const place = line.line === 0 ? `the bindings generated for ${page.file}` : `${line.file}:${line.line}`;
  return new DeviceError(`The page ${page.name} doesn't compile, at ${place}: "${line.text.trim()}": ${text}`);
}
