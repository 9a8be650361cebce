import { assertEquals } from "@std/assert";
import { caseId } from "../../../engine/pipeline/mod.ts";

Deno.test("a case's id is its path without extension, fit for a folder's name", () => {
  assertEquals(caseId("a/b/head.nii.gz"), "a__b__head");
  assertEquals(caseId("scan.DCM"), "scan");
  assertEquals(caseId("1.2.840.113619.2.5"), "1.2.840.113619.2.5");
  assertEquals(caseId(".hidden.png"), "_hidden");
  assertEquals(caseId("what?.png"), "what_");
});
