/** WGSL that pages share: helpers without bindings. */
import type { Lib } from "../contract.ts";
import gridText from "./grid.wgsl" with { type: "text" };
import epilogueText from "./epilogue.wgsl" with { type: "text" };

/** `flat_group`, `flat_index`: the number of a workgroup or an invocation where the grid is folded. */
export const grid: Lib = { file: import.meta.resolve("./grid.wgsl"), text: gridText };

/** `then_steps`, `then_steps_1`: what an operation does to its result before it stores it (see `nn/then.ts`). */
export const epilogue: Lib = { file: import.meta.resolve("./epilogue.wgsl"), text: epilogueText };
