/** Filters of images `[C, H, W]` and volumes `[C, D, H, W]`: called as `filter(r, image, options)`. */
export { gaussian, type GaussianOptions, type GaussianOrder } from "./gaussian/gaussian.ts";
export { mean, type MeanOptions } from "./mean/mean.ts";
export { median, type MedianOptions } from "./median/median.ts";
export type { Border, BorderOptions } from "./border.ts";
export type { PerAxis } from "./extents.ts";
