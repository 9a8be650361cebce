/** What rewrites networks without changing what they compute: one file per pass, with its pattern drawn. */
import type { Model } from "../model.ts";
import type { Program } from "../program.ts";
import { joinCommonSteps } from "./common_steps.ts";
import { dropDeadSteps } from "./dead_steps.ts";
import { foldBatchNormalization } from "./fold_batch_normalization.ts";
import { foldConstants } from "./fold_constants.ts";
import { foldDoublings } from "./fold_doublings.ts";
import { foldPads } from "./fold_pads.ts";
import { fuseAttention } from "./fuse_attention.ts";
import { fuseDoublings } from "./fuse_doublings.ts";
import { fuseGelu } from "./fuse_gelu.ts";
import { fuseLabels } from "./fuse_labels.ts";
import { fuseEpilogue } from "./fuse_epilogue.ts";
import { fuseNormalization } from "./fuse_normalization.ts";
import { fuseRolls } from "./fuse_rolls.ts";
import { fuseRowMoves } from "./fuse_row_moves.ts";
import { fuseSquares } from "./fuse_squares.ts";
import { joinConvolutions } from "./join_convolutions.ts";
import { mergeConcats } from "./merge_concats.ts";
import { pasteMasks } from "./paste_masks.ts";
import { dropRepeatedIndices } from "./repeated_indices.ts";
import { simplifyMovement } from "./simplify_movement.ts";
import { splitLargeProducts } from "./split_large_products.ts";
import { splitLargeTables } from "./split_large_tables.ts";

/** The passes that a network is run with; each can be left out. */
export interface Passes {
  /** Those that need no shapes, in their order. */
  readonly model: readonly ((model: Model) => Model)[];
  /** Those on steps of known shapes, in their order. */
  readonly program: readonly ((program: Program) => Program)[];
}

/** The passes that networks are run with unless others are given. */
export const allPasses: Passes = {
  model: [
    foldConstants,
    foldBatchNormalization,
    pasteMasks,
    (model) => splitLargeProducts(model),
    (model) => splitLargeTables(model),
  ],
  program: [
    dropDeadSteps,
    joinCommonSteps,
    simplifyMovement,
    foldPads,
    fuseLabels,
    fuseGelu,
    fuseNormalization,
    fuseSquares,
    dropDeadSteps,
    fuseAttention,
    fuseRolls,
    dropDeadSteps,
    fuseRowMoves,
    dropDeadSteps,
    mergeConcats,
    fuseDoublings,
    dropRepeatedIndices,
    fuseEpilogue,
    foldDoublings,
    joinConvolutions,
    dropDeadSteps,
  ],
};

/** A program with the passes done. */
export function passed(program: Program, passes: Passes = allPasses): Program {
  return passes.program.reduce((program, pass) => pass(program), program);
}

/** A model with the passes done that need no shapes. */
export function prepareModel(model: Model, passes: Passes = allPasses): Model {
  return passes.model.reduce((model, pass) => pass(model), model);
}
