import { filters } from "../../../shaders/mod.ts";
import golden from "../../golden/wiener.json" with { type: "json" };
import { testGolden } from "../../golden.ts";

/** The golden values, at most 1,000, have 9 digits. */
testGolden(golden, [filters.wiener, filters.richardsonLucy], 1e-6);
