import { operations } from "../../shaders/nn/operations.ts";
import { testOperations } from "./harness.ts";

testOperations(operations);
