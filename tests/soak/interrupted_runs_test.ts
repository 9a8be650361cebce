/** Long counts: 30 seeded kills, two processes at once in 20 tries. The suite runs the first of each. */
import { killTrial, raceTrial } from "../interrupted_runs.ts";

for (let seed = 2; seed <= 30; seed++) Deno.test(`kill ${seed} loses nothing`, () => killTrial(seed));
for (let seed = 2; seed <= 20; seed++) Deno.test(`race ${seed}: one wins, the other says who`, () => raceTrial(seed));
