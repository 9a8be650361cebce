import { killTrial, raceTrial } from "../interrupted_runs.ts";

Deno.test("a run that is killed and resumed comes to the results of an undisturbed one", () => killTrial(1));
Deno.test("of two processes on one folder one wins, and the other says who and ends with 2", () => raceTrial(1));
