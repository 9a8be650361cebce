/** Programs of models written down in tests. */
import { passed, prepareModel } from "../../../engine/graph/passes/mod.ts";
import { type Feed, Lowerer } from "../../../engine/graph/lower.ts";
import type { Model } from "../../../engine/graph/model.ts";
import type { Program } from "../../../engine/graph/program.ts";
import { readModel } from "../../../engine/graph/reader.ts";
import type { nn, Spec } from "../../../shaders/mod.ts";
import { buildModel, type ModelText } from "../../onnx_builder.ts";

/** The program of a model, before passes. */
export function lowerModel(model: Model, feeds: Record<string, Feed>): Program {
  return Lowerer.begin(model, feeds).advance().program;
}

/** The program of a model, after all passes. */
export function lowered(text: ModelText, feeds: Record<string, Feed>): Program {
  return passed(lowerModel(prepareModel(readModel(buildModel(text), "m.onnx")), feeds));
}

/** Operations with what they do behind, one after the other: `convolution+relu`. */
export function names(program: Program): string[] {
  return program.steps.map((step) => {
    if (step.kind === "reshape") return "reshape";
    const { op, epilogue = [] } = step.options as { op?: string; epilogue?: nn.Epilogue };
    return [op ?? step.operation.name, ...epilogue.map((after) => after.op)].join("+");
  });
}

/** Floats of a shape. */
export const f32 = (...shape: number[]): Spec => ({ dtype: "f32", shape });

/** Values that ascend in small steps, so that every position tells. */
export const ramp = (count: number): number[] => Array.from({ length: count }, (_, i) => (i % 7 - 3) / 4);
