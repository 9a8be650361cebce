import { assertEquals } from "@std/assert";
import { conformFormats } from "../../conformance/formats.ts";
import { missing, testData } from "../../test_data.ts";

Deno.test({
  name: "pictures, volumes and archives have the values and places that other programs read",
  ignore: missing("formats", "expected/formats/index.json"),
  async fn() {
    const failed: string[] = [];
    for await (const { name, status, reason } of conformFormats(testData("formats"))) {
      if (status === "failed") failed.push(`${name}: ${reason}`);
    }
    assertEquals(failed, []);
  },
});
