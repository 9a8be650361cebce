import { filters } from "../../../shaders/mod.ts";
import golden from "../../golden/wavelet.json" with { type: "json" };
import { testGolden } from "../../golden.ts";

/** The golden values, at most 30, have 9 digits. */
testGolden(golden, [filters.dwt, filters.idwt, filters.wavelet, filters.estimateSigma], 1e-8);
