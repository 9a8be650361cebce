/** Reads what others' trainings export, and says it as a contract. */
import { type ModelContract, ModelError, UsageError } from "../../../engine/pipeline/mod.ts";
import { refusal } from "../contract.ts";
import type { ContractDraft } from "./draft.ts";
import { monaiContract } from "./monai.ts";
import { nnunetContract } from "./nnunet.ts";

/** The contract of an export's folder: nnU-Net's `plans.json` and `dataset.json`, or a MONAI bundle. Throws a `ModelError`. */
export async function contractOf(folder: string, configuration: string): Promise<ContractDraft> {
  const plans = await readJson(`${folder}/plans.json`);
  if (plans !== undefined) {
    const dataset = await readJson(`${folder}/dataset.json`);
    if (dataset === undefined) {
      throw new ModelError(`Cannot find dataset.json beside ${folder}/plans.json: copy it there`);
    }
    return proved(nnunetContract(plans, dataset, configuration));
  }
  for (const place of [`${folder}/configs`, folder]) {
    const metadata = await readJson(`${place}/metadata.json`);
    if (metadata !== undefined) {
      return proved(monaiContract(metadata, await readJson(`${place}/inference.json`)));
    }
  }
  throw new UsageError(
    `Cannot find an export in ${folder}: it must hold plans.json and dataset.json (nnU-Net) or metadata.json (MONAI bundle)`,
  );
}

/** The contract, once it is one that `segment` takes: numbers of an export may be of the right kind and still impossible. */
function proved(draft: ContractDraft): ContractDraft {
  const { input, output, ...rest } = draft.contract;
  const contract = {
    ...rest,
    input: { name: "input", channels: 1, ...input },
    output: { name: "output", ...output },
  } as unknown as ModelContract;
  const reason = refusal(contract);
  if (reason === undefined) return draft;
  throw new ModelError(`Cannot take this export as ${reason}: mend its files, or write model.json by hand`);
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`Cannot read ${path} (${(error as Error).message}): make it a readable file`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ModelError(`Cannot use ${path} as it is not JSON: ${(error as Error).message}`);
  }
}
