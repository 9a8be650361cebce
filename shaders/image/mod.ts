/**
 * Operations on images and masks: sizes, intensities, regions.
 *
 * @module
 */
import type { TestedOperation } from "../cases.ts";
import { resample } from "./resample/resample.ts";
import { resampleCases } from "./resample/resample_cases.ts";
import { fit } from "./fit/fit.ts";
import { fitCases } from "./fit/fit_cases.ts";
import { window } from "./window/window.ts";
import { windowCases } from "./window/window_cases.ts";
import { statistics } from "./statistics/statistics.ts";
import { statisticsCases } from "./statistics/statistics_cases.ts";
import { standardize } from "./standardize/standardize.ts";
import { standardizeCases } from "./standardize/standardize_cases.ts";
import { threshold } from "./threshold/threshold.ts";
import { thresholdCases } from "./threshold/threshold_cases.ts";
import { components } from "./components/components.ts";
import { componentsCases } from "./components/components_cases.ts";
import { largestComponent } from "./largest_component/largest_component.ts";
import { largestComponentCases } from "./largest_component/largest_component_cases.ts";
import { largestSlice } from "./largest_slice/largest_slice.ts";
import { largestSliceCases } from "./largest_slice/largest_slice_cases.ts";
import { takeSlice } from "./take_slice/take_slice.ts";
import { takeSliceCases } from "./take_slice/take_slice_cases.ts";
import { blendWindows } from "./blend_windows/blend_windows.ts";
import { blendWindowsCases } from "./blend_windows/blend_windows_cases.ts";
import { fill } from "./fill/fill.ts";
import { fillCases } from "./fill/fill_cases.ts";
import { boxOfMask } from "./box_of_mask/box_of_mask.ts";
import { boxOfMaskCases } from "./box_of_mask/box_of_mask_cases.ts";
import { crop } from "./crop/crop.ts";
import { cropCases } from "./crop/crop_cases.ts";
import { paste } from "./paste/paste.ts";
import { pasteCases } from "./paste/paste_cases.ts";
import { replaceEmpty } from "./replace_empty/replace_empty.ts";
import { replaceEmptyCases } from "./replace_empty/replace_empty_cases.ts";
import { overlay } from "./overlay/overlay.ts";
import { overlayCases } from "./overlay/overlay_cases.ts";

export { resample, type ResampleOptions } from "./resample/resample.ts";
export { fit, type FitOptions, fitShift } from "./fit/fit.ts";
export { window, type WindowOptions } from "./window/window.ts";
export { statistics, type StatisticsOptions } from "./statistics/statistics.ts";
export { standardize, type StandardizeOptions } from "./standardize/standardize.ts";
export { threshold, type ThresholdOptions } from "./threshold/threshold.ts";
export { components, type ComponentsOptions } from "./components/components.ts";
export { largestComponent } from "./largest_component/largest_component.ts";
export { largestSlice, type LargestSliceOptions } from "./largest_slice/largest_slice.ts";
export { takeSlice, type TakeSliceOptions } from "./take_slice/take_slice.ts";
export {
  blendWindows,
  type BlendWindowsOptions,
  recordBlending,
  recordBlendingOf,
  type Slices,
  windowStarts,
} from "./blend_windows/blend_windows.ts";
export { fill, type FillOptions } from "./fill/fill.ts";
export { boxOfMask, type BoxOfMaskOptions } from "./box_of_mask/box_of_mask.ts";
export { crop, type CropOptions } from "./crop/crop.ts";
export { paste, type PasteOptions } from "./paste/paste.ts";
export { replaceEmpty, type ReplaceEmptyOptions } from "./replace_empty/replace_empty.ts";
export { overlay, type OverlayOptions } from "./overlay/overlay.ts";
export type { Callable } from "../call.ts";

/** All operations of this family with their cases. */
export const operations: readonly TestedOperation[] = [
  { operation: resample, cases: resampleCases },
  { operation: fit, cases: fitCases },
  { operation: window, cases: windowCases },
  { operation: statistics, cases: statisticsCases },
  { operation: standardize, cases: standardizeCases },
  { operation: threshold, cases: thresholdCases },
  { operation: components, cases: componentsCases },
  { operation: largestComponent, cases: largestComponentCases },
  { operation: largestSlice, cases: largestSliceCases },
  { operation: takeSlice, cases: takeSliceCases },
  { operation: blendWindows, cases: blendWindowsCases },
  { operation: fill, cases: fillCases },
  { operation: boxOfMask, cases: boxOfMaskCases },
  { operation: crop, cases: cropCases },
  { operation: paste, cases: pasteCases },
  { operation: replaceEmpty, cases: replaceEmptyCases },
  { operation: overlay, cases: overlayCases },
];
