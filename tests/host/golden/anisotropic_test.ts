import { filters } from "../../../shaders/mod.ts";
import golden from "../../golden/anisotropic.json" with { type: "json" };
import { testGolden } from "../../golden.ts";

/** The golden values, at most 4, have 9 digits. */
testGolden(golden, [filters.anisotropic], 2e-8);
