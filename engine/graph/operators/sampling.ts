/** Operators that read images at places between pixels, or put windows together. */
import { nn, sizeOf } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { hostValue, numbersOf } from "../host_value.ts";
import { input, type Operator, UnsupportedNode } from "../operator.ts";
import { matrixProduct } from "./linear.ts";
import { transposed } from "./movement.ts";
import { windowOf } from "./window.ts";

const modes: Readonly<Record<string, nn.GridSampleOptions["mode"]>> = {
  nearest: "nearest",
  linear: "linear",
  bilinear: "linear",
  cubic: "cubic",
  bicubic: "cubic",
};

const paddings: ReadonlySet<string> = new Set<nn.GridSampleOptions["padding"]>(["zeros", "border", "reflection"]);

const gridSample: Operator = {
  opsets: [16],
  lower: (lowering, node) => {
    const [x, places] = [input(node, 0), input(node, 1)];
    if (x.shape.length > 5) {
      throw new UnsupportedNode(`${x.shape.length - 2} spatial axes are not supported, 1 to 3 are`);
    }
    const given = node.attributes.text("mode", "linear");
    const mode = modes[given];
    const padding = node.attributes.text("padding_mode", "zeros");
    if (mode === undefined || !paddings.has(padding)) {
      throw new ModelError(`mode ${given} with ${padding} is not known`);
    }
    return [lowering.apply(nn.gridSample, [x, places], {
      mode,
      padding: padding as nn.GridSampleOptions["padding"],
      alignCorners: node.attributes.number("align_corners", 0) === 1,
    })];
  },
};

/** Places in the input for each pixel of the result [N, C, ...spatial]: an affine map of the result's own places. */
const affineGrid: Operator = {
  opsets: [20],
  lower: (lowering, node) => {
    const theta = input(node, 0);
    const [, , ...extents] = numbersOf(lowering.host(input(node, 1)));
    const alignCorners = node.attributes.number("align_corners", 0) === 1;
    const placeOf = (index: number, extent: number): number => {
      if (alignCorners) return extent === 1 ? 0 : 2 * index / (extent - 1) - 1;
      return (2 * index + 1) / extent - 1;
    };
    const count = sizeOf(extents);
    const rows = Array.from({ length: count }, (_, index) => {
      let rest = index;
      const place = extents.toReversed().map((extent) => {
        const own = rest % extent;
        rest = Math.floor(rest / extent);
        return placeOf(own, extent);
      });
      return [...place, 1];
    });
    const places = lowering.constant(hostValue(theta.dtype, [1, count, extents.length + 1], rows.flat()));
    const mapped = matrixProduct(lowering, places, transposed(lowering, theta, [0, 2, 1]));
    return [lowering.reshape(mapped, [theta.shape[0], ...extents, extents.length])];
  },
};

const col2Im: Operator = {
  opsets: [18],
  lower: (lowering, node) => {
    const [sizes, kernel] = [1, 2].map((position) => numbersOf(lowering.host(input(node, position))));
    if (sizes.length > 3) throw new UnsupportedNode(`${sizes.length} spatial axes are not supported, 1 to 3 are`);
    const window = windowOf(node, sizes, kernel);
    return [lowering.apply(nn.columnsToImage, [input(node, 0)], { sizes, kernel, ...window })];
  },
};

/** The windows, moved, are the channels of a convolution of 1 x 1. */
const deformConv: Operator = {
  opsets: [19],
  lower: (lowering, node) => {
    const [x, w, offset] = [input(node, 0), input(node, 1), input(node, 2)];
    const [bias, mask] = [node.inputs[3], node.inputs[4]];
    if (x.shape.length !== 4) throw new UnsupportedNode(`${x.shape.length - 2} spatial axes are not supported, 2 are`);
    const kernel = w.shape.slice(2);
    const { strides, dilations, padsBegin } = windowOf(node, x.shape.slice(2), kernel);
    const offsetGroups = node.attributes.number("offset_group", 1);
    const columns = lowering.apply(nn.deformColumns, mask === undefined ? [x, offset] : [x, offset, mask], {
      kernel,
      strides,
      dilations,
      padsBegin,
      offsetGroups,
    });
    const weight = lowering.reshape(w, [w.shape[0], w.shape[1] * sizeOf(kernel), 1, 1]);
    const groups = node.attributes.number("group", 1);
    const operands = bias === undefined ? [columns, weight] : [columns, weight, bias];
    return [lowering.apply(nn.convolution, operands, { groups, epilogue: [] })];
  },
};

/** Sampling by ONNX's names. */
export const sampling: Readonly<Record<string, Operator>> = {
  GridSample: gridSample,
  AffineGrid: affineGrid,
  Col2Im: col2Im,
  DeformConv: deformConv,
};
