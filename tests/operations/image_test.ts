import { operations } from "../../shaders/image/mod.ts";
import { testOperations } from "./harness.ts";

testOperations(operations);
