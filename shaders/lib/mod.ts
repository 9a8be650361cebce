/** WGSL that pages share: helpers, whose headers say what they need of a page beside other libs. */
import type { Lib } from "../contract.ts";
import borderText from "./border.wgsl" with { type: "text" };
import laneShareText from "./lane_share.wgsl" with { type: "text" };
import doubleText from "./double.wgsl" with { type: "text" };
import gridText from "./grid.wgsl" with { type: "text" };
import integersText from "./integers.wgsl" with { type: "text" };
import lineTilesText from "./line_tiles.wgsl" with { type: "text" };
import linesText from "./lines.wgsl" with { type: "text" };
import loopsText from "./loops.wgsl" with { type: "text" };
import epilogueText from "./epilogue.wgsl" with { type: "text" };
import functionsText from "./functions.wgsl" with { type: "text" };
import orderText from "./order.wgsl" with { type: "text" };
import resizedLinesText from "./resized_lines.wgsl" with { type: "text" };
import rowPixelsText from "./row_pixels.wgsl" with { type: "text" };
import rowTilesText from "./row_tiles.wgsl" with { type: "text" };
import rowSpansText from "./row_spans.wgsl" with { type: "text" };
import steppedLinesText from "./stepped_lines.wgsl" with { type: "text" };
import tapsText from "./taps.wgsl" with { type: "text" };
import tilesText from "./tiles.wgsl" with { type: "text" };
import workgroupText from "./workgroup.wgsl" with { type: "text" };

/** `flat_group`, `flat_index`, `flat_place`: the number of a workgroup or an invocation where the grid is folded. */
export const grid: Lib = { file: import.meta.resolve("./grid.wgsl"), text: gridText };

/** `epilogue_steps`, `epilogue_steps_1`: what an operation does to its result before it stores it (see `nn/epilogue.ts`). */
export const epilogue: Lib = { file: import.meta.resolve("./epilogue.wgsl"), text: epilogueText };

/** `border_source`, `border_fills`: where a pixel beyond the border comes from (see `filters/border.ts`). */
export const border: Lib = { file: import.meta.resolve("./border.wgsl"), text: borderText };

/** `row_tile`: which tile of rows an invocation makes, as `dispatchRows` (see `filters/tiles.ts`) deals them out. */
export const rowTiles: Lib = { file: import.meta.resolve("./row_tiles.wgsl"), text: rowTilesText };

/** `pixel`, `pixels_from`: pixels of a row of the page's image and beyond its ends. */
export const rowPixels: Lib = { file: import.meta.resolve("./row_pixels.wgsl"), text: rowPixelsText };

/** `inside_span`, `bordered_span`: the pixels of a page's SPAN texels of a row. */
export const rowSpans: Lib = { file: import.meta.resolve("./row_spans.wgsl"), text: rowSpansText };

/** `along` and the override `ALONG_Z`: lines along y or z. */
export const lines: Lib = { file: import.meta.resolve("./lines.wgsl"), text: linesText };

/** `line_tile`, `bordered`: tiles of lines, and pixels of a line of the page's image and beyond its ends. */
export const lineTiles: Lib = { file: import.meta.resolve("./line_tiles.wgsl"), text: lineTilesText };

/** `resized_line`: lines that have another length in the result. */
export const resizedLines: Lib = { file: import.meta.resolve("./resized_lines.wgsl"), text: resizedLinesText };

/** `stepped_tile`: tiles of lines along any axis (see `filters/passes/stepped_lines.ts`). */
export const steppedLines: Lib = { file: import.meta.resolve("./stepped_lines.wgsl"), text: steppedLinesText };

/** `taps_from`: the taps of a page's table of weights one by one. */
export const taps: Lib = { file: import.meta.resolve("./taps.wgsl"), text: tapsText };

/** `order_key`, `order_value`: integers in the order of floats. */
export const order: Lib = { file: import.meta.resolve("./order.wgsl"), text: orderText };

/** `tile_place`, `tile_number`, `tile_index`: which tile of an image an invocation makes (see `filters/tiles.ts`). */
export const tiles: Lib = { file: import.meta.resolve("./tiles.wgsl"), text: tilesText };

/** `lane_share`: which texels a lane of a reduction takes (see `filters/passes/reduction.ts`). */
export const laneShare: Lib = { file: import.meta.resolve("./lane_share.wgsl"), text: laneShareText };

/** `workgroup_sum`, `workgroup_max`, `workgroup_count` over 64 lanes, in a fixed order. */
export const workgroup: Lib = { file: import.meta.resolve("./workgroup.wgsl"), text: workgroupText };

/** Loop iterations of one call of a function of {@linkcode workgroup}. */
export const workgroupIterations = 16;

/** `exp_of`, `log_of`, `tanh_of`, `erf_of`, ...: elementary functions to about one unit in the last place. */
export const functions: Lib = { file: import.meta.resolve("./functions.wgsl"), text: functionsText };

/** `wrap`: integers of fewer than 32 bits. */
export const integers: Lib = { file: import.meta.resolve("./integers.wgsl"), text: integersText };

/** `loop_count`, `loop_count_u`: bounds of loops that come from params. */
export const loops: Lib = { file: import.meta.resolve("./loops.wgsl"), text: loopsText };

/** `double_add`, `double_product`, ...: sums and products of twice the precision of f32. */
export const double: Lib = { file: import.meta.resolve("./double.wgsl"), text: doubleText };
