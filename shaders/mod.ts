/** Floor 0: the operations and the types that a declaration is made of. */
export * from "./contract.ts";
export * as nn from "./nn/mod.ts";
