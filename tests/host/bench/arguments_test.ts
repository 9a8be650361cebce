import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parseBenchArguments } from "../../../engine/commands/bench_arguments.ts";
import { kernelRow } from "../../../engine/bench/kernel.ts";
import { InputError, UsageError } from "../../../engine/errors.ts";

Deno.test("bench reads rows, files and what describes a kernel", () => {
  const parsed = parseBenchArguments(["my.wgsl", "--bind", "a=rows4:8x8", "--bind", "b=rows4:8x8", "--groups", "1,8"]);
  assertEquals(parsed.names, ["my.wgsl"]);
  assertEquals(parsed.bind, ["a=rows4:8x8", "b=rows4:8x8"]);
  assertEquals(parsed.groups, "1,8");
  assertEquals(parsed.rounds, 9);
});

Deno.test("bench refuses what it does not know", () => {
  assertThrows(() => parseBenchArguments(["--round", "5"]), UsageError, "--rounds");
  assertThrows(() => parseBenchArguments(["--rounds", "2"]), UsageError, "from 3");
  assertThrows(() => parseBenchArguments(["--report"]), UsageError, "--report");
});

Deno.test("a kernel's wrong description names what is wrong", async () => {
  const file = await Deno.makeTempFile({ suffix: ".wgsl" });
  await Deno.writeTextFile(file, "fn f() { store_b(0, 0, 0, load_a(0, 0, 0)); }");
  const refused = (change: object, text: string) =>
    assertRejects(
      () => kernelRow(file, { bind: ["a=rows4:8x8", "b=rows4:8x8"], groups: "1", params: [], ...change }),
      UsageError,
      text,
    );
  await refused({ bind: ["a=rows:8x8"] }, "LAYOUT");
  await refused({ bind: ["c=rows4:8x8"] }, "load_c");
  await refused({ bind: ["a=rows4:8x8"] }, "stores to none");
  await refused({ groups: "one" }, "--groups");
  await refused({ params: ["sigma"] }, "NAME=NUMBER");
  await refused({ work: "ops=3" }, "flops=NUMBER");
  await Deno.remove(file);
  await assertRejects(() => kernelRow(file, { bind: [], groups: "1", params: [] }), InputError, file);
});
