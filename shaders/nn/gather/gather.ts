/** Options of a gathering. */
export interface GatherOptions {
  /** The axis that the indices stand for, from -rank to rank - 1. Default 0. */
  readonly axis: number;
}
