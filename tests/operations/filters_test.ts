import { operations } from "../../shaders/filters/mod.ts";
import { testOperations } from "./harness.ts";

testOperations(operations);
