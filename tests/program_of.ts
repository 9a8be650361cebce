import { type Feed, Lowerer } from "../engine/graph/lower.ts";
import type { Model } from "../engine/graph/model.ts";
import { passed, type Passes } from "../engine/graph/passes/mod.ts";
import type { Program } from "../engine/graph/program.ts";

/** The first segment of a model for feeds of given shapes, with passes done: the only one of static shapes. */
export function programOf(model: Model, feeds: Readonly<Record<string, Feed>>, passes?: Passes): Program {
  return passed(Lowerer.begin(model, feeds).advance().program, passes);
}
