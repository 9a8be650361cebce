import { sizeOf } from "../../shaders/mod.ts";
import { ModelError } from "../errors.ts";
import type { Model } from "./model.ts";

/** What a model's loading and shapes may take on the host besides four times its weights: 128 Mi elements. */
const freeElements = 1 << 27;

/** Bounds what one model makes the host compute, so that a small file can't take all memory. */
export class HostBudget {
  readonly #most: number;
  #left: number;

  /** A budget of elements. */
  constructor(elements: number) {
    this.#most = elements;
    this.#left = elements;
  }

  /** The budget of a model: it grows with its weights. */
  static of(model: Model): HostBudget {
    let weights = 0;
    for (const { shape } of model.constants.values()) weights += sizeOf(shape);
    return new HostBudget(freeElements + 4 * weights);
  }

  /** Takes elements for a node. Throws a `ModelError` before they are allocated where too few are left. */
  spend(elements: number, node: string): void {
    if (!(elements <= this.#left)) {
      throw new ModelError(
        `${node} would make ${elements} elements on the host, ${this.#left} are left of the ${this.#most} that a model ` +
          `of its size may take: export it with smaller shapes`,
      );
    }
    this.#left -= elements;
  }
}
