import type { HostCopy, Key, Measures, Stage, Tensor, Values } from "./contract.ts";
import { wants } from "./chain.ts";

/** Who gave a value: a position in the chain, or the source. */
export const fromSource = -1;

interface Entry {
  readonly key: Key;
  readonly giver: number;
  readonly value: Values[Key];
}

/**
 * The values of one case. It owns the tensors that source and stages give, and disposes of each as soon as no value that
 * a stage still wants refers to it. A stage sees what was given last before its position, so a stage that runs earlier
 * than its position says doesn't change what others see.
 */
export class CaseValues implements Disposable {
  readonly #stages: readonly Stage[];
  readonly #pending: Set<number>;
  readonly #owned = new Set<Tensor>();
  #entries: Entry[] = [];

  constructor(stages: readonly Stage[]) {
    this.#stages = stages;
    this.#pending = new Set(stages.keys());
  }

  /** Takes over what a source or stage gives. */
  give(giver: number, values: Partial<Values>): void {
    for (const [key, value] of Object.entries(values) as [Key, Values[Key] | undefined][]) {
      if (value === undefined) continue;
      for (const tensor of tensorsOf(value)) this.#owned.add(tensor);
      this.#entries.push({ key, giver, value });
    }
  }

  /** The value that the stage at a position sees; measures are those of all before, merged. */
  get<K extends Key>(key: K, position: number): Values[K] | undefined {
    const before = this.#entries.filter((entry) => entry.key === key && entry.giver < position)
      .sort((a, b) => a.giver - b.giver);
    if (key === "measures" && before.length > 0) {
      return Object.assign({}, ...before.map((entry) => entry.value)) as Values[K];
    }
    return before.at(-1)?.value as Values[K] | undefined;
  }

  /** All measures. */
  get measures(): Measures {
    return this.get("measures", Infinity) ?? {};
  }

  /** Notes that a stage is done, and disposes of what no other wants. */
  done(position: number): void {
    this.#pending.delete(position);
    this.#entries = this.#entries.filter((entry) => entry.key === "measures" || this.#isWanted(entry));
    const wanted = new Set(this.#entries.flatMap((entry) => tensorsOf(entry.value)));
    for (const tensor of this.#owned) {
      if (wanted.has(tensor)) continue;
      this.#owned.delete(tensor);
      tensor[Symbol.dispose]();
    }
  }

  /** Disposes of all that is left. */
  [Symbol.dispose](): void {
    for (const tensor of this.#owned) tensor[Symbol.dispose]();
    this.#owned.clear();
    this.#entries = [];
  }

  #isWanted({ key, giver }: Entry): boolean {
    const later = this.#entries.filter((other) => other.key === key && other.giver > giver);
    return [...this.#pending].some((position) =>
      position > giver && wants(this.#stages[position]).includes(key) &&
      !later.some((other) => other.giver < position)
    );
  }
}

/** The tensors that a value is made of. */
export function tensorsOf(value: Values[Key]): Tensor[] {
  if (isTensor(value)) return [value];
  return Object.values(value).filter(isTensor);
}

/** The same value with its tensors replaced by what was read of them. */
export function hostValue(value: Values[Key], copies: ReadonlyMap<Tensor, HostCopy>): Values<HostCopy>[Key] {
  const copy = (tensor: Tensor): HostCopy => {
    const found = copies.get(tensor);
    if (!found) throw new TypeError(`A tensor of shape [${tensor.shape.join(", ")}] was not read`);
    return found;
  };
  if (isTensor(value)) return copy(value);
  if (tensorsOf(value).length === 0) return value as Values<HostCopy>[Key];
  const entries = Object.entries(value).map(([name, part]) => [name, isTensor(part) ? copy(part) : part]);
  return Object.fromEntries(entries) as Values<HostCopy>[Key];
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "tensor";
}
