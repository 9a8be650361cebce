import { filters } from "../../../shaders/mod.ts";
import golden from "../../golden/bilateral.json" with { type: "json" };
import { testGolden } from "../../golden.ts";

/** OpenCV's table of weights is that far off the definition; the values are at most 1. */
testGolden(golden, [filters.bilateral], 2e-6);
