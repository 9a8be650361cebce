import { filters } from "../../../shaders/mod.ts";
import golden from "../../golden/calibration.json" with { type: "json" };
import { testGolden } from "../../golden.ts";

/** Masked images, at most 1, have 9 digits; the losses are of denoised images that were rounded to f32. */
testGolden(golden, [filters.maskPixels], 1e-9);
testGolden(golden, [filters.maskedError], 1e-7);
