import { filters } from "../../../shaders/mod.ts";
import golden from "../../golden/nlm.json" with { type: "json" };
import { testGolden } from "../../golden.ts";

/** The filter moves pixels by some 0.05; scikit-image's approximate exp moves the means by up to 1e-3. */
testGolden(golden, [filters.nlm], 1.2e-3);
