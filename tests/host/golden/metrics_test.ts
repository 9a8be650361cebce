import { metrics } from "../../../shaders/mod.ts";
import golden from "../../golden/metrics.json" with { type: "json" };
import { testGolden } from "../../golden.ts";

const { meanSquaredError, normalizedRootMse, peakSignalNoiseRatio, structuralSimilarity } = metrics;

/** The golden values, at most 70, have 9 digits. */
testGolden(golden, [meanSquaredError, normalizedRootMse, structuralSimilarity], 1e-8);
testGolden(golden, [peakSignalNoiseRatio], 5e-7);
