/** Floor 0: the operations and the types that a declaration is made of. */
export * from "./contract.ts";
export * as filters from "./filters/mod.ts";
export * as image from "./image/mod.ts";
export * as metrics from "./metrics/mod.ts";
export * as nn from "./nn/mod.ts";
