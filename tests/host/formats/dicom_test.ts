import { assertEquals } from "@std/assert";
import { conformDicom } from "../../conformance/dicom.ts";
import { missing, testData } from "../../test_data.ts";

Deno.test({
  name: "DICOM files have the reference's stored and real values, or a reason why they aren't read",
  ignore: missing("dicom", "expected/dicom/index.json"),
  async fn() {
    const failed: string[] = [];
    for await (const { name, status, reason } of conformDicom(testData("dicom"))) {
      if (status === "failed") failed.push(`${name}: ${reason}`);
    }
    assertEquals(failed, []);
  },
});
