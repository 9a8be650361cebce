import type { Operand } from "./operator.ts";

/** The name of a value in another scope, for results of branches and iterations of loops that may not be there yet. */
export interface Alias {
  readonly scope: Scope;
  readonly name: string;
}

/**
 * What a name stands for: an operand, `absent` (an optional result that its operator doesn't give), `missing` (of a node
 * that isn't supported) or `pending` (of a node that waits for elements that only the device has yet).
 */
export type Meaning = Operand | "absent" | "missing" | "pending";

/** The names of a graph: the model's, or those inside one iteration of a loop or one branch, which see the graphs around. */
export class Scope {
  readonly #meanings = new Map<string, Meaning | Alias>();
  #parent: Scope | undefined;

  /** A scope within another one. */
  constructor(parent?: Scope) {
    this.#parent = parent;
  }

  /** Gives a name its meaning. */
  set(name: string, meaning: Meaning | Alias): void {
    this.#meanings.set(name, meaning);
  }

  /** What a name means here; `undefined` where no graph around has it. */
  find(name: string): Meaning | undefined {
    let scope: Scope | undefined = this as Scope;
    let wanted = name;
    while (scope !== undefined) {
      const meaning: Meaning | Alias | undefined = scope.#meanings.get(wanted);
      if (meaning === undefined) {
        scope = scope.#parent;
      } else if (isAlias(meaning)) {
        ({ scope, name: wanted } = meaning);
      } else {
        return meaning;
      }
    }
    return undefined;
  }

  /** Copies of these scopes and all that they see, so that two runs can go on from one state. */
  static copy(scopes: Iterable<Scope>): Map<Scope, Scope> {
    const copies = new Map<Scope, Scope>();
    const open = [...scopes];
    for (let scope = open.pop(); scope !== undefined; scope = open.pop()) {
      if (copies.has(scope)) continue;
      copies.set(scope, new Scope());
      if (scope.#parent) open.push(scope.#parent);
      for (const meaning of scope.#meanings.values()) if (isAlias(meaning)) open.push(meaning.scope);
    }
    for (const [scope, copy] of copies) {
      copy.#parent = scope.#parent && copies.get(scope.#parent);
      for (const [name, meaning] of scope.#meanings) {
        copy.set(name, isAlias(meaning) ? { scope: copies.get(meaning.scope)!, name: meaning.name } : meaning);
      }
    }
    return copies;
  }
}

function isAlias(meaning: Meaning | Alias): meaning is Alias {
  return typeof meaning === "object" && "scope" in meaning;
}
