import type { Then } from "../then.ts";

/** Options of a matrix product. */
export interface MatmulOptions {
  /** What happens to the result before it is stored. */
  readonly then: Then;
}
