import type { Operand } from "./operator.ts";

/** How many elements of a value are there: its shape has room for the most, and what lies behind is of no meaning. */
export interface Counted {
  /** The axis that has room. */
  readonly axis: number;
  /** How many there are: i64 [1], on the device. */
  readonly count: Operand;
  /** Counts that this one doesn't exceed. */
  readonly within: readonly Operand[];
  /** No element is negative. */
  readonly natural?: true;
}

/** Rows that a value may have room for: more would take longer to go through than their number takes to be read. */
export const mostRoom = 1 << 13;

/** What is known of values that the device counts, so that the host can go on without reading their number. */
export class CountedValues {
  /** Values with room for more than there is. */
  readonly counted: Map<Operand, Counted>;
  /** Elements of shapes: numbers, or the counts that they are. */
  readonly elements: Map<Operand, readonly (number | Operand)[]>;
  /** Numbers that are 0 exactly where a count is. */
  readonly zeroWith: Map<Operand, Operand>;
  /** Conditions that hold exactly where a count is 0. */
  readonly holdsWithout: Map<Operand, Operand>;
  /** All counts, by the nodes that they come from. */
  readonly counts: Map<Operand, string>;

  /** What is known already. */
  constructor(known?: CountedValues) {
    this.counted = new Map(known?.counted);
    this.elements = new Map(known?.elements);
    this.zeroWith = new Map(known?.zeroWith);
    this.holdsWithout = new Map(known?.holdsWithout);
    this.counts = new Map(known?.counts);
  }

  /** Whether anything is known of a value. */
  has(operand: Operand): boolean {
    return this.counted.has(operand) || this.elements.has(operand) || this.zeroWith.has(operand) ||
      this.holdsWithout.has(operand);
  }
}
