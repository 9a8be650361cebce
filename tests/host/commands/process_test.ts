import { assertEquals, assertThrows } from "@std/assert";
import { parseProcessArguments } from "../../../engine/commands/process_arguments.ts";
import { duration, Progress } from "../../../engine/commands/progress.ts";
import { UsageError } from "../../../engine/pipeline/mod.ts";

Deno.test("parseProcessArguments reads inputs, lists and flags", () => {
  const asked = parseProcessArguments(
    [
      "a.png",
      "--stages",
      "acquire, denoise",
      "--set",
      "denoise.radius=2",
      "b",
      "--set=x.y=1=2",
      "--resume",
      "--truth=t",
    ],
  );
  assertEquals(asked.inputs, ["a.png", "b"]);
  assertEquals(asked.stages, ["acquire", "denoise"]);
  assertEquals(asked.settings, ["denoise.radius=2", "x.y=1=2"]);
  assertEquals(parseProcessArguments(["--unfamiliar", "refuse"]).settings, ["evaluate.unfamiliar=refuse"]);
  assertEquals([asked.existing, asked.truth, asked.output, asked.json], ["resume", "t", "results", false]);
  const { gallery, output } = parseProcessArguments(["--gallery"]);
  assertEquals([gallery, output], [true, "gallery"]);
});

Deno.test("parseProcessArguments refuses what it doesn't know or what contradicts itself", () => {
  assertThrows(() => parseProcessArguments(["--fast"]), UsageError, "Cannot use --fast as process has no such option");
  assertThrows(() => parseProcessArguments(["--resume", "--overwrite"]), UsageError, "contradict");
  assertThrows(() => parseProcessArguments(["--stages=a", "--pipeline=b"]), UsageError, "contradict");
  assertThrows(() => parseProcessArguments(["--gallery", "--stages=a"]), UsageError, "contradict");
  assertThrows(() => parseProcessArguments(["--output"]), UsageError, "has no value");
  assertThrows(() => parseProcessArguments(["--truth", "x"]), UsageError, "without inputs");
  assertThrows(() => parseProcessArguments(["--adapter", "metal"]), UsageError, "swiftshader");
});

function record(isTerminal: boolean): { written: string[]; progress: Progress; clock: { seconds: number } } {
  const written: string[] = [];
  const clock = { seconds: 0 };
  const screen = {
    isTerminal,
    columns: 80,
    write: (text: string) => void written.push(text),
    now: () => clock.seconds,
  };
  return { written, progress: new Progress(screen), clock };
}

const start = { type: "start", cases: 4, doneBefore: 1, stages: ["acquire"], adapter: "Fake", output: "out" } as const;
const done = { type: "case", id: "b", status: "done", warnings: [], seconds: 2, through: 2 } as const;

Deno.test("progress is a bar with stage, case, rate and time left on a terminal", () => {
  const { written, progress, clock } = record(true);
  progress.show(start);
  progress.show({ type: "stage", id: "b", stage: "segment" });
  progress.show({ type: "progress", id: "b", stage: "segment", share: 0.257 });
  clock.seconds = 2;
  progress.show(done);
  assertEquals(written, [
    "\r\x1b[2K4 cases, 1 of them done before on Fake: acquire\n",
    "\r\x1b[2K██████░░░░░░░░░░░░░░░░░░ 1/4 segment b",
    "\r\x1b[2K██████░░░░░░░░░░░░░░░░░░ 1/4 segment b 25 %",
    "\r\x1b[2K████████████░░░░░░░░░░░░ 2/4, 0.50/s, 4.0 s left b",
  ]);
});

Deno.test("progress is plain lines elsewhere, and tells what failed and why", () => {
  const { written, progress } = record(false);
  progress.show({ type: "stage", id: "b", stage: "segment" });
  progress.show({ ...done, warnings: ["It is odd"] });
  const error = { name: "InputError", message: "Cannot open c" };
  progress.show({ ...done, id: "c", status: "failed", error, through: 3 });
  assertEquals(written, ["b: warning: It is odd\n", "b: done (2 of 0)\n", "c: failed: Cannot open c\n"]);
});

Deno.test("duration says seconds, minutes and hours", () => {
  assertEquals([9.44, 42.3, 200, 7500].map(duration), ["9.4 s", "42 s", "3 min 20 s", "2 h 5 min"]);
});
