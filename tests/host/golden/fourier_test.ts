import { filters } from "../../../shaders/mod.ts";
import golden from "../../golden/fourier.json" with { type: "json" };
import { testGolden } from "../../golden.ts";

const { fourier, inverseFourier, deconvolve, gaborBank } = filters;

/** Sums of up to 84 numbers in [-1, 1], with 9 digits. */
testGolden(golden, [fourier], 2e-7);
testGolden(golden, [inverseFourier, deconvolve], 1e-7);
/** The level of the noise is an f32 to the twin. */
testGolden(golden, [gaborBank], 1e-7);
