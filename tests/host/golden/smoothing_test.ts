import { filters } from "../../../shaders/mod.ts";
import golden from "../../golden/smoothing.json" with { type: "json" };
import { testGolden } from "../../golden.ts";

/** The golden values, at most 2 and in derivatives 4, have 9 digits. */
testGolden(golden, [filters.mean, filters.gaussian, filters.median], 1.5e-8);
