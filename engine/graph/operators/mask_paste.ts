import { nn } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { numbersOf } from "../host_value.ts";
import { input, type Operator } from "../operator.ts";
import { sliced } from "./movement.ts";

/** What a pass puts in the place of a loop that draws masks into images; no file has it. */
export const pasteMasksOperator = "isocenter.PasteMasks";

/**
 * The first channel of masks [n, c, h, w] drawn into images by boxes [n, 4]: [n, height, width]. Without masks it is what
 * the loop began with.
 *
 * Inputs: masks, boxes, height, width, what the loop began with.
 */
const pasteMasks: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const [masks, boxes] = [input(node, 0), input(node, 1)];
    const [count, , rows, columns] = masks.shape;
    if (masks.shape.length !== 4) throw new ModelError(`masks are [${masks.shape}], they must have 4 axes`);
    if (count === 0) return [input(node, 4)];
    const [height, width] = [2, 3].map((position) => numbersOf(lowering.host(input(node, position)))[0]);
    const first = lowering.reshape(sliced(lowering, masks, [{ axis: 1, start: 0, size: 1 }]), [count, rows, columns]);
    return [lowering.apply(nn.pasteMasks, [first, boxes], { height, width })];
  },
};

/** The drawing of masks by its name. */
export const maskPaste: Readonly<Record<string, Operator>> = { [pasteMasksOperator]: pasteMasks };
