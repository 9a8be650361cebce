import { z } from "npm:zod@4.6.7";
import { ModelError } from "../errors.ts";
import type { Model } from "../graph/mod.ts";
import { madeFor, unfamiliarity } from "./model_claims.ts";
import type { ModelContract } from "./model_contract.ts";
import { sha256, whyUnreadable } from "./files.ts";

/** A model that was found and read: where it lies and what it says of itself. */
export interface ModelFile {
  /** As the options name it. */
  readonly path: string;
  /** The ONNX file. */
  readonly file: string;
  readonly sha256: string;
  readonly contract: ModelContract;
  /** What the file holds. */
  readonly network: Model;
  /** The same of the files that `folds` of the contract names, each with the contract that the first one has. */
  readonly folds: readonly ModelFile[];
}

const contractSchema = z.looseObject({
  schemaVersion: z.literal(1).optional(),
  name: z.string(),
  task: z.string(),
  file: z.string().default("model.onnx"),
  sha256: z.string().optional(),
  folds: z.array(z.strictObject({ file: z.string(), sha256: z.string().optional() })).optional(),
  madeFor: madeFor.optional(),
  unfamiliarity: unfamiliarity.optional(),
  input: z.looseObject({
    name: z.string(),
    channels: z.int().positive(),
    size: z.array(z.int().positive()),
    spacingMm: z.array(z.number().positive()).optional(),
  }),
  classes: z.array(z.string()),
}).refine(({ task, folds = [] }) => task === "segmentation" || folds.length === 0, {
  message: "can be averaged for segmentation only",
  path: ["folds"],
});

/**
 * Reads the contract of a model and checks its file, without a device. `path` is what it is called, `folders` are where it may
 * lie: the first with `model.json` is it. Throws a `ModelError`.
 */
export async function readModelFile(path: string, folders: readonly string[]): Promise<ModelFile> {
  const { folder, text } = await findContract(path, folders);
  const contract = parseContract(text, `${path}/model.json`);
  const read = async (name: string, stated: string | undefined): Promise<ModelFile> => {
    const file = `${folder}/${name}`;
    const { readExternalFiles, readModel, readWithin } = await import("../graph/mod.ts");
    const bytes = await readWithin(folder, name, `${path}/model.json`);
    const hash = await sha256(bytes);
    const network = readModel(bytes, `${path}/${name}`, await readExternalFiles(file, bytes));
    if (stated !== undefined && stated !== hash) {
      throw new ModelError(
        `Cannot use model ${path}/${name} as its SHA-256 is ${hash} and not ${stated} as ` +
          `model.json says: fetch the folder again, or correct model.json`,
      );
    }
    return { path, file, sha256: hash, contract, network, folds: [] };
  };
  const folds: ModelFile[] = [];
  for (const fold of contract.folds ?? []) {
    folds.push({ ...await read(fold.file, fold.sha256), path: `${path}/${fold.file}` });
  }
  return { ...await read(contract.file, contract.sha256), folds };
}

async function findContract(path: string, folders: readonly string[]): Promise<{ folder: string; text: string }> {
  for (const folder of folders) {
    try {
      return { folder, text: await Deno.readTextFile(`${folder}/model.json`) };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) continue;
      throw new ModelError(`Cannot open model ${path} as ${whyUnreadable(error)}`);
    }
  }
  throw new ModelError(
    `Cannot find model ${path} as there is no model.json in ${folders.join(" or ")}: give a folder that has one`,
  );
}

/** What checks a contract; zod's schemas are such. */
export interface ContractSchema {
  /** Whether the contract is right, and else what is wrong with it. */
  safeParse(contract: unknown): {
    readonly success: boolean;
    readonly error?: {
      readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
    };
  };
}

/** Why a model's contract doesn't fit what a stage takes, in words that go on from "as"; nothing where it fits. */
export function contractRefusal(
  schema: ContractSchema,
  contract: ModelContract,
  takes: string,
): string | undefined {
  const { error } = schema.safeParse(contract);
  if (error === undefined) return undefined;
  const issues = error.issues.map(({ path, message }) => `${path.map(String).join(".")} of its model.json: ${message}`);
  return `${issues.join("; ")} (${takes})`;
}

function parseContract(text: string, name: string): ModelContract & { readonly file: string } {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new ModelError(`Cannot use ${name} as it is not JSON: ${(error as Error).message}`);
  }
  const result = contractSchema.safeParse(content);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new ModelError(`Cannot use ${name} as ${issues.join("; ")}`);
}
