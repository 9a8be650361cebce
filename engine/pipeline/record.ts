import { z } from "npm:zod@4.6.7";
import { UsageError } from "../errors.ts";
import type { CaseRecord, FileRecord } from "./case_record.ts";
import type { Json } from "./values.ts";

/** Version of `run.json` and `case.json` that this program writes and reads. */
export const schemaVersion = 2;

/** A file and the SHA-256 of its bytes. */
export interface HashedFile {
  /** The path; for this program's own files, relative to the program. */
  readonly path: string;
  /** In hexadecimal. */
  readonly sha256: string;
}

/**
 * The content of `run.json`. Only `startedAt` and `seconds` hold times; everything else is the same for the same
 * inputs.
 */
export interface RunRecord {
  /** Version of this layout. */
  readonly schemaVersion: 2;
  /** Version of this program. */
  readonly isocenter: string;
  /** Versions of Deno and V8, and the platform. */
  readonly runtime: Readonly<Record<string, string>>;
  /** Kind, name and driver of the adapter. */
  readonly adapter: Readonly<Record<string, string>>;
  /** Name of a built-in study, where the inputs are not the user's. */
  readonly study?: string;
  /** The pipeline with every default filled in. */
  readonly pipeline: {
    readonly stages: readonly { readonly stage: string; readonly options: Readonly<Record<string, Json>> }[];
  };
  /** Path of the folder with the truth, where there is one. */
  readonly truth?: string;
  /** What all cases depend on besides their own files, such as the table of the truth. */
  readonly inputs: readonly FileRecord[];
  /** Whether cases of a modality that the models were not made for were accepted. */
  readonly forced?: true;
  /** The models that the options name. */
  readonly models: readonly HashedFile[];
  /** The pages of WGSL that were compiled. */
  readonly shaders: readonly HashedFile[];
  /** `running` until the end, and for ever if the run was killed. */
  readonly status: "running" | "done" | "interrupted" | "stopped";
  /** When the run began, ISO 8601 in UTC. */
  readonly startedAt: string;
  /** How long it took. */
  readonly seconds: number;
  /** Counts of cases and readbacks, and what the stages add. */
  readonly summary: Readonly<Record<string, Json>>;
  /** Files of the run that belong to no case, except `run.json`. */
  readonly files: readonly string[];
  /** The content of these files. */
  readonly outputs: readonly FileRecord[];
  /** All cases, in the order of the inputs. */
  readonly cases: readonly CaseRecord[];
}

/** The content of `case.json`. */
export type CaseFile = { readonly schemaVersion: typeof schemaVersion } & CaseRecord;

const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;
const hashed = z.strictObject({ path: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) });

const file = z.strictObject({ path: z.string(), bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const grid = z.strictObject({
  size: z.array(z.int().min(0)),
  spacing: z.array(z.number()),
  spacingKnown: z.boolean(),
  affine: z.array(z.number()).length(16),
});

const spent = z.strictObject({ seconds: z.number().min(0) });

/** In the order in which the fields are written. */
const caseFields = {
  id: z.string().min(1),
  source: z.string(),
  status: z.enum(["done", "failed"]),
  error: z.strictObject({ name: z.string(), message: z.string() }).optional(),
  inputs: z.array(file),
  geometry: grid.optional(),
  grids: z.record(z.string(), grid).optional(),
  stages: z.array(z.strictObject({ name: z.string(), seconds: z.number().min(0) })),
  shares: z.strictObject({ host: spent, device: spent, waiting: spent }).optional(),
  measures: z.record(z.string(), json),
  readbacks: z.int().min(0),
  readbackBytes: z.int().min(0),
  warnings: z.array(z.string()),
  files: z.array(z.string()),
  outputs: z.array(file),
};

const runSchema = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  isocenter: z.string(),
  runtime: z.record(z.string(), z.string()),
  adapter: z.record(z.string(), z.string()),
  study: z.string().optional(),
  pipeline: z.strictObject({
    stages: z.array(z.strictObject({ stage: z.string(), options: z.record(z.string(), json) })),
  }),
  truth: z.string().optional(),
  inputs: z.array(file),
  forced: z.literal(true).optional(),
  models: z.array(hashed),
  shaders: z.array(hashed),
  status: z.enum(["running", "done", "interrupted", "stopped"]),
  startedAt: z.iso.datetime(),
  seconds: z.number().min(0),
  summary: z.record(z.string(), json),
  files: z.array(z.string()),
  outputs: z.array(file),
  cases: z.array(z.strictObject(caseFields)),
});

/** The content of a `run.json`. Throws a `UsageError` for what is none, and for one of another version. */
export function parseRun(text: string, name: string): RunRecord {
  const content = parseJson(text, name);
  const version = (content as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (Number.isInteger(version) && version !== schemaVersion) {
    throw new UsageError(
      `Cannot use ${name} as its schemaVersion is ${version} and this program writes ${schemaVersion}: ` +
        "keep that run by choosing another --output, or remove it",
    );
  }
  const result = runSchema.safeParse(content);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UsageError(
    `Cannot use ${name} as it isn't a run.json of this program (${issue.path.join(".")}: ${issue.message}): ` +
      "choose another --output",
  );
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Cannot use ${name} as it is not JSON (${(error as Error).message}): choose another --output`);
  }
}

/** The record in a `case.json`, or nothing where it isn't whole. */
export function parseCase(text: string): CaseRecord | undefined {
  try {
    const { schemaVersion: _, ...record } = z.strictObject({ schemaVersion: z.literal(schemaVersion), ...caseFields })
      .parse(JSON.parse(text));
    return record;
  } catch {
    return undefined;
  }
}

/** The text of a `run.json`: the same fields in the same order, whichever way the run went. */
export function encodeRun(run: RunRecord): Uint8Array {
  return encode({ ...ordered(run, runSchema.shape), cases: run.cases.map((one) => ordered(one, caseFields)) });
}

/** The text of a `case.json`. */
export function encodeCase(record: CaseRecord): Uint8Array {
  return encode({ schemaVersion, ...ordered(record, caseFields) });
}

function ordered(record: object, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values = record as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.keys(fields).filter((name) => name in values).map((name) => [name, values[name]]));
}

function encode(content: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(content, null, 2) + "\n");
}

/** The JSON schema of `run.json`. */
export function runJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(runSchema) as Record<string, unknown>;
}
