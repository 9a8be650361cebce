/** The face of the pipeline: what a plugin is made of, and what runs it. */
export * from "./contract.ts";
export * from "./geometry.ts";
export { InputError, ModelError, UsageError } from "../errors.ts";
export { optionsOf } from "../../shaders/options.ts";
