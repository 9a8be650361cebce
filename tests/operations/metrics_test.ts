import { operations } from "../../shaders/metrics/mod.ts";
import { testOperations } from "./harness.ts";

testOperations(operations);
