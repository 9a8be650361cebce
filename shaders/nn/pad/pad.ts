/** Options of a padding. Lists have one entry an axis (all axes); negative numbers cut. */
export interface PadOptions {
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
  /** Default constant. */
  readonly mode: "constant" | "reflect" | "edge" | "wrap";
  /** Value of the mode constant. Default 0. */
  readonly value: number;
}
