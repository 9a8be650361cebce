/** Whether the networks of a case know images like its own. */
import type { HostCopy, OwnValue } from "../../engine/pipeline/mod.ts";
import type { CaseMeasures } from "../formats/measures/measures.ts";
import { medianOf } from "./measures.ts";

/** What a network's stage gives as its evidence. */
interface Evidence {
  readonly model: string;
  readonly limit: number | null;
  /** Whether the scores are those of a volume's slices. */
  readonly ofSlices?: boolean;
  readonly unfamiliarity?: HostCopy;
}

type Familiarity = NonNullable<CaseMeasures["familiarity"]>;

/**
 * Score and threshold of the network that finds the case the least familiar; of several crops the least familiar one
 * counts, of a volume's slices their median: there are always some above the head. Nothing where no network says.
 */
export function familiarityOf(evidence: readonly (OwnValue<HostCopy> | undefined)[]): Familiarity | undefined {
  const said = (evidence as readonly (Evidence | undefined)[]).flatMap((one) => {
    if (one?.unfamiliarity === undefined || one.limit === null) return [];
    const scores = Array.from(one.unfamiliarity.data, Number);
    const score = one.ofSlices ? medianOf(scores) ?? 0 : Math.max(...scores);
    return [{
      model: one.model,
      score: Number(score.toPrecision(7)),
      threshold: one.limit,
      unfamiliar: score > one.limit,
    }];
  });
  return said.toSorted((a, b) => b.score / b.threshold - a.score / a.threshold)[0];
}

/** For warnings and refusals. */
export function familiarityText({ model, score, threshold }: Familiarity): string {
  return `it is unlike the images that ${model} was trained with (${score.toPrecision(3)}, ${
    threshold.toPrecision(3)
  } at most)`;
}
