import type { Stage } from "./contract.ts";
import { wants } from "./chain.ts";
import type { HostCopy, Tensor } from "./pipeline_engine.ts";
import type { Grid } from "./case_record.ts";
import { isPlaced, type Key, type Measures, type Placed, type SomeValues, type ValueOf } from "./values.ts";

/** Values that lie on a grid of pixels, and those that state one but are none. */
const placed = ["original", "image", "mask", "maps", "boxes", "crops"];
const without = ["boxes", "crops"];

/** Who gave a value: a position in the chain, or the source. */
export const fromSource = -1;

interface Entry {
  readonly key: Key;
  readonly giver: number;
  readonly value: ValueOf<Key>;
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
  readonly #grids = new Map<Key, { readonly giver: number; readonly grid: Grid }>();
  #entries: Entry[] = [];

  constructor(stages: readonly Stage[]) {
    this.#stages = stages;
    this.#pending = new Set(stages.keys());
  }

  /** Takes over what a source or stage gives. Throws a `TypeError` for a value without a place that must have one. */
  give(giver: number, values: SomeValues): void {
    const entries = (Object.entries(values) as [Key, ValueOf<Key> | undefined][])
      .flatMap(([key, value]) => value === undefined ? [] : [{ key, giver, value }]);
    for (const { value } of entries) for (const tensor of tensorsOf(value)) this.#owned.add(tensor);
    this.#entries.push(...entries);
    for (const { key, value } of entries) {
      if (isPlaced<Tensor>(value)) this.#notePlace(key, giver, value);
      else if (placed.includes(key)) throw new TypeError(`${key} has no geometry: give { tensor, geometry }`);
    }
  }

  /** The flags that nobody has looked at yet, by what they say; from then on they count as looked at. */
  takeChecks(): [says: string, flags: Tensor][] {
    const taken = this.#entries.filter(({ key }) => key === "checks")
      .flatMap(({ value }) => Object.entries(value as Readonly<Record<string, Tensor>>));
    this.#entries = this.#entries.filter(({ key }) => key !== "checks");
    return taken;
  }

  /** Where the values lie that were given last: the original, and others by name where they lie elsewhere. */
  get grids(): { geometry?: Grid; grids?: Record<string, Grid> } {
    const geometry = (this.#grids.get("original") ?? this.#grids.get("image"))?.grid;
    if (geometry === undefined) return {};
    const known = JSON.stringify(geometry);
    const others = [...this.#grids].filter(([, { grid }]) => JSON.stringify(grid) !== known)
      .map(([key, { grid }]) => [key, grid] as const);
    return { geometry, ...others.length === 0 ? {} : { grids: Object.fromEntries(others) } };
  }

  /** The value that the stage at a position sees; measures are those of all before, merged. */
  get<K extends Key>(key: K, position: number): ValueOf<K> | undefined {
    const before = this.#entries.filter((entry) => entry.key === key && entry.giver < position)
      .sort((a, b) => a.giver - b.giver);
    if (key === "measures" && before.length > 0) {
      return Object.assign({}, ...before.map((entry) => entry.value)) as ValueOf<K>;
    }
    return before.at(-1)?.value as ValueOf<K> | undefined;
  }

  /** The value of a name that was given last. */
  last<K extends Key>(key: K): ValueOf<K> | undefined {
    return this.get(key, Infinity);
  }

  /** All measures. */
  get measures(): Measures {
    return this.last("measures") ?? {};
  }

  /** Notes that a stage is done, and disposes of what no other wants. */
  done(position: number): void {
    this.#pending.delete(position);
    this.#entries = this.#entries.filter((entry) =>
      entry.key === "measures" || entry.key === "checks" || this.#isWanted(entry)
    );
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

  #notePlace(key: Key, giver: number, { tensor, geometry }: Placed): void {
    if (without.includes(key) || (this.#grids.get(key)?.giver ?? giver) > giver) return;
    const { spacing, spacingKnown, affine } = geometry;
    const grid = { size: tensor.shape.slice(-spacing.length), spacing, spacingKnown, affine };
    this.#grids.set(key, { giver, grid });
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
export function tensorsOf(value: unknown): Tensor[] {
  if (isTensor(value)) return [value];
  return typeof value === "object" && value !== null ? Object.values(value).filter(isTensor) : [];
}

/** The same value with its tensors replaced by what was read of them. */
export function hostValue(value: ValueOf<Key>, copies: ReadonlyMap<Tensor, HostCopy>): ValueOf<Key, HostCopy> {
  const copy = (tensor: Tensor): HostCopy => {
    const found = copies.get(tensor);
    if (!found) throw new TypeError(`A tensor of shape [${tensor.shape.join(", ")}] was not read`);
    return found;
  };
  if (isTensor(value)) return copy(value);
  if (tensorsOf(value).length === 0) return value as ValueOf<Key, HostCopy>;
  const entries = Object.entries(value as object).map(([name, part]) => [name, isTensor(part) ? copy(part) : part]);
  return Object.fromEntries(entries) as ValueOf<Key, HostCopy>;
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "tensor";
}
