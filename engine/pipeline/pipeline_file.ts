import { z } from "npm:zod@4.6.7";
import { UsageError } from "../errors.ts";
import { namesOf, type Registry } from "./registry.ts";

/** One entry of a pipeline: a source or stage by name, with the options that differ from its defaults. */
export interface PipelineEntry {
  /** Name of a source or stage. */
  readonly stage: string;
  /** Options that differ from the defaults. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A pipeline as its JSON file states it: a source, then stages. */
export interface Pipeline {
  /** The source, then the stages in order. */
  readonly stages: readonly PipelineEntry[];
}

const entrySchema = z.strictObject({ stage: z.string(), options: z.record(z.string(), z.unknown()).optional() });
const fileSchema = z.strictObject({ $schema: z.string().optional(), stages: z.array(entrySchema).min(1) });

/** Reads the text of a pipeline file; `name` is for messages. Throws a `UsageError`. */
export function parsePipeline(text: string, name: string): Pipeline {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Cannot read pipeline ${name} as it is not JSON: ${(error as Error).message}`);
  }
  const result = fileSchema.safeParse(content);
  if (result.success) return { stages: result.data.stages };
  const issues = result.error.issues.map((issue) => `${issue.path.join(".") || "the file"}: ${issue.message}`);
  throw new UsageError(
    `Cannot use pipeline ${name} as ${issues.join("; ")}: write { "stages": [{ "stage": NAME, "options": {} }, ...] }`,
  );
}

/** The pipeline of a list of names, with all options at their defaults. */
export function pipelineOf(names: readonly string[]): Pipeline {
  return { stages: names.map((stage) => ({ stage })) };
}

/**
 * The pipeline with settings `STAGE.OPTION=VALUE` applied, each to every entry of that name. A value is read as JSON
 * where it parses and the option takes more than text, and as a list separated by commas where the option takes lists.
 */
export function applySettings(pipeline: Pipeline, settings: readonly string[], registry: Registry): Pipeline {
  let stages = pipeline.stages;
  for (const setting of settings) {
    const match = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(setting);
    if (!match) throw new UsageError(`Cannot use --set ${setting} as it isn't of the form STAGE.OPTION=VALUE`);
    const [, name, path, text] = match;
    if (!stages.some((entry) => entry.stage === name)) {
      const names = stages.map((entry) => entry.stage).join(", ");
      throw new UsageError(`Cannot use --set ${setting} as the pipeline has no stage ${name}: it has ${names}`);
    }
    const keys = path.split(".");
    const value = parseValue(text, schemaAt(optionsSchema(registry, name), keys));
    stages = stages.map((entry) =>
      entry.stage === name ? { ...entry, options: withValue(entry.options ?? {}, keys, value) } : entry
    );
  }
  return { stages };
}

/** The JSON schema of pipeline files, made from the options of all sources and stages. */
export function pipelineSchema(registry: Registry): Record<string, unknown> {
  const items = [...registry.sources.values(), ...registry.stages.values()].map((part) => {
    const { $schema: _, ...options } = part.options.toJSONSchema();
    return {
      type: "object",
      description: part.description,
      properties: { stage: { const: part.name }, options },
      required: ["stage"],
      additionalProperties: false,
    };
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Isocenter pipeline",
    type: "object",
    properties: { $schema: { type: "string" }, stages: { type: "array", minItems: 1, items: { anyOf: items } } },
    required: ["stages"],
    additionalProperties: false,
  };
}

type JsonSchema = Record<string, unknown>;

function optionsSchema(registry: Registry, name: string): JsonSchema {
  const part = registry.sources.get(name) ?? registry.stages.get(name);
  if (part) return part.options.toJSONSchema();
  throw new UsageError(`Cannot find stage ${name}: the known ones are ${namesOf(registry)}`);
}

/** The alternatives that a schema allows at a path; none where it says nothing. */
function schemaAt(schema: JsonSchema, keys: readonly string[]): JsonSchema[] {
  let found = alternatives(schema);
  for (const key of keys) {
    found = found.flatMap((one) => {
      const property = (one.properties as Record<string, JsonSchema> | undefined)?.[key];
      return property ? alternatives(property) : [];
    });
  }
  return found;
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  const choices = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  return choices ? choices.flatMap(alternatives) : [schema];
}

function parseValue(text: string, schemas: readonly JsonSchema[]): unknown {
  const list = schemas.find((schema) => schema.type === "array");
  const onlyLists = list && schemas.length === 1;
  if (list && !text.startsWith("[") && (onlyLists || text.includes(","))) {
    const items = list.items ? alternatives(list.items as JsonSchema) : [];
    return text === "" ? [] : text.split(",").map((item) => parseScalar(item.trim(), items));
  }
  return parseScalar(text, schemas);
}

function parseScalar(text: string, schemas: readonly JsonSchema[]): unknown {
  const isText = (schema: JsonSchema) => schema.type === "string" || typeof schema.const === "string";
  if (schemas.length > 0 && schemas.every(isText)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function withValue(
  record: Readonly<Record<string, unknown>>,
  [key, ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const inner = record[key];
  const isRecord = typeof inner === "object" && inner !== null && !Array.isArray(inner);
  return {
    ...record,
    [key]: rest.length === 0 ? value : withValue(isRecord ? inner as Record<string, unknown> : {}, rest, value),
  };
}
