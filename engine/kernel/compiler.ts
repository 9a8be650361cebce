/** Compiles pages into pipelines, once for each variant, and leads compile errors back to file and line. */

import type { Binding, Page } from "../../shaders/contract.ts";
import { DeviceError } from "../errors.ts";
import { makePipeline, type PipelineSource } from "./driver_code.ts";
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

/** What a pipeline is made of, and the pipeline once it was asked for. */
export interface Recipe {
  readonly source: PipelineSource;
  readonly page: Page;
  /** Until the pipeline is made: its lines are many. */
  shader?: Shader;
  compiled?: Compiled;
  /** Further pipelines of the same, by their names. */
  others?: Map<string, Compiled>;
}

/** Keeps the pipelines of a device, by what they are made of: names of pages and files don't matter. */
export class Compiler {
  readonly #device: GPUDevice;
  /** By the shader's text with all that a pipeline depends on besides. */
  readonly #cache = new Map<string, Recipe>();
  /** The same by the page's object, so that its shader is assembled once for a variant. */
  readonly #known = new WeakMap<Page, Map<string, Recipe>>();
  readonly #pages = new Map<string, Page>();
  #count = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** How many pipelines were made. */
  get count(): number {
    return this.#count;
  }

  /** The pages that pipelines were made of. */
  get pages(): readonly Page[] {
    return [...this.#pages.values()];
  }

  /** What the pipeline of a page is made of: the same object for the same text. */
  recipe(page: Page, variant: Variant, overrides: Readonly<Record<string, number>>): Recipe {
    let known = this.#known.get(page);
    if (known === undefined) this.#known.set(page, known = new Map());
    const key = JSON.stringify([variant, overrides]);
    let recipe = known.get(key);
    if (recipe === undefined) known.set(key, recipe = this.#find(page, variant, overrides));
    return recipe;
  }

  /** The pipeline of a recipe, or one more of that name. An error of the shader is its verdict. */
  compile(recipe: Recipe, name: string = ""): Compiled {
    const first = recipe.compiled ??= this.#create(recipe);
    if (name === "") return first;
    const others = recipe.others ??= new Map();
    let other = others.get(name);
    if (other === undefined) others.set(name, other = { ...first, ...this.#again(recipe) });
    return other;
  }

  #find(page: Page, variant: Variant, overrides: Readonly<Record<string, number>>): Recipe {
    const shader = assemble(page, variant, overrides);
    const entries = layoutEntries(page, variant, shader);
    const key = JSON.stringify([shader.text, entries, Object.entries(overrides).sort()]);
    let recipe = this.#cache.get(key);
    if (recipe === undefined) {
      const source = { label: page.name, code: shader.text, entries, constants: { ...overrides } };
      this.#cache.set(key, recipe = { source, page, shader });
    }
    this.#pages.set(JSON.stringify([page.file, page.text, page.libs]), page);
    return recipe;
  }

  /** The same pipeline once more: what the device says of it was said of the first. */
  #again({ source }: Recipe): Pick<Compiled, "pipeline" | "bindings"> {
    this.#device.pushErrorScope("validation");
    const { pipeline, bindings } = makePipeline(this.#device, source);
    void this.#device.popErrorScope();
    this.#count++;
    return { pipeline, bindings };
  }

  #create(recipe: Recipe): Compiled {
    const device = this.#device;
    const { source, page } = recipe;
    const shader = recipe.shader!;
    recipe.shader = undefined;
    device.pushErrorScope("validation");
    const { pipeline, bindings, module } = makePipeline(device, source);
    this.#count++;
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
