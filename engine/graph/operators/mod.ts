/** Every ONNX operator that we support, by its name. */
import type { Operator } from "../operator.ts";
import { attentions } from "./attention.ts";
import { convolutions } from "./convolution.ts";
import { dynamics } from "./dynamic.ts";
import { einsums } from "./einsum.ts";
import { elementwise } from "./elementwise.ts";
import { linear } from "./linear.ts";
import { losses } from "./losses.ts";
import { maskPaste } from "./mask_paste.ts";
import { movement } from "./movement.ts";
import { normalization } from "./normalization.ts";
import { pooling } from "./pooling.ts";
import { quantization } from "./quantization.ts";
import { recurrents } from "./recurrent.ts";
import { reductions } from "./reduction.ts";
import { resizing } from "./resize.ts";
import { sampling } from "./sampling.ts";
import { selection } from "./selection.ts";
import { sequences } from "./sequences.ts";
import { shapes } from "./shape.ts";
import { signals } from "./signal.ts";

/** The operators by ONNX's names; those of other domains have the domain before the name. */
export const operators: Readonly<Record<string, Operator>> = {
  ...attentions,
  ...convolutions,
  ...dynamics,
  ...einsums,
  ...elementwise,
  ...linear,
  ...losses,
  ...movement,
  ...normalization,
  ...pooling,
  ...quantization,
  ...recurrents,
  ...reductions,
  ...resizing,
  ...sampling,
  ...selection,
  ...sequences,
  ...shapes,
  ...signals,
};

/** Operators that no file has: passes put them in the place of others. */
export const passOperators: Readonly<Record<string, Operator>> = maskPaste;
