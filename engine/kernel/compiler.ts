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
  /** What the device says of it: nothing, or why it can't be used. */
  readonly verdict: Promise<DeviceError | undefined>;
}

/** Keeps the pipelines of a device, by what they are made of: names of pages and files don't matter. */
export class Compiler {
  readonly #device: GPUDevice;
  /** By the shader's text with all that a pipeline depends on besides. */
  readonly #cache = new Map<string, Compiled>();
  /** The same by the page's object, so that its shader is assembled once for a variant. */
  readonly #known = new WeakMap<Page, Map<string, Compiled>>();
  readonly #pages = new Map<string, Page>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** How many pipelines were made. */
  get count(): number {
    return this.#cache.size;
  }

  /** The pages that pipelines were made of. */
  get pages(): readonly Page[] {
    return [...this.#pages.values()];
  }

  /** The pipeline of a page. An error of the shader is its verdict. */
  compile(page: Page, variant: Variant, overrides: Readonly<Record<string, number>>): Compiled {
    let known = this.#known.get(page);
    if (known === undefined) this.#known.set(page, known = new Map());
    const key = JSON.stringify([variant, overrides]);
    let compiled = known.get(key);
    if (compiled === undefined) known.set(key, compiled = this.#find(page, variant, overrides));
    return compiled;
  }

  #find(page: Page, variant: Variant, overrides: Readonly<Record<string, number>>): Compiled {
    const shader = assemble(page, variant, overrides);
    const entries = layoutEntries(page, variant, shader);
    const key = JSON.stringify([shader.text, entries, Object.entries(overrides).sort()]);
    let compiled = this.#cache.get(key);
    if (compiled === undefined) this.#cache.set(key, compiled = this.#create(page, shader, entries, overrides));
    this.#pages.set(JSON.stringify([page.file, page.text, page.libs]), page);
    return compiled;
  }

  #create(
    page: Page,
    shader: Shader,
    entries: GPUBindGroupLayoutEntry[],
    overrides: Readonly<Record<string, number>>,
  ): Compiled {
    const device = this.#device;
    device.pushErrorScope("validation");
    const bindings = device.createBindGroupLayout({ label: page.name, entries });
    const module = device.createShaderModule({ label: page.name, code: shader.text });
    const pipeline = device.createComputePipeline({
      label: page.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [bindings] }),
      compute: { module, entryPoint: "main", constants: { ...overrides } },
    });
    const verdict = device.popErrorScope().then((error) =>
      error ? compileError(page, module, shader, error.message) : undefined
    );
    const params = shader.params === undefined
      ? undefined
      : paramsLayout(shader.params, shader.lines.map((line) => line.text).filter(isInteger).join("\n"));
    return { pipeline, bindings, params, verdict };
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
