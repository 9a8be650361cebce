import { assert, assertEquals, assertThrows } from "@std/assert";
import type { AdapterChoice, AdapterDescription } from "../../engine/device/adapter.ts";
import { nothingFound, passedOver, planAttempts, type Surroundings } from "../../engine/device/attempt.ts";
import { advise } from "../../engine/device/probe.ts";
import { DeviceError } from "../../engine/errors.ts";

const LAVAPIPE = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json";
const LAVAPIPE_32_BIT = "/usr/share/vulkan/icd.d/lvp_icd.i686.json";
const INTEL = "/usr/share/vulkan/icd.d/intel_icd.x86_64.json";
const NONE = { DENO_WEBGPU_BACKEND: undefined, VK_DRIVER_FILES: undefined, VK_ICD_FILENAMES: undefined };
const BARE: Surroundings = { os: "linux", arch: "x86_64", variables: NONE, named: undefined, installed: [] };
const MESA: Surroundings = { ...BARE, installed: [INTEL, LAVAPIPE_32_BIT, LAVAPIPE] };
const NOWHERE: Surroundings = { ...BARE, variables: { ...NONE, VK_DRIVER_FILES: "/nonexistent" }, named: [] };

const PLANS: { name: string; choice: AdapterChoice; found: Surroundings; attempts: string[]; notes?: RegExp }[] = [
  { name: "a bare machine", choice: "auto", found: BARE, attempts: ["SwiftShader from npm: swiftshader"] },
  {
    name: "Mesa's drivers",
    choice: "auto",
    found: MESA,
    attempts: [
      "the installed Vulkan drivers: gpu lavapipe",
      `lavapipe (${LAVAPIPE}): lavapipe`,
      "SwiftShader from npm: swiftshader",
    ],
  },
  {
    name: "a hardware driver alone",
    choice: "auto",
    found: { ...BARE, installed: [INTEL] },
    attempts: ["the installed Vulkan drivers: gpu lavapipe", "SwiftShader from npm: swiftshader"],
  },
  {
    name: "a variable that names no file",
    choice: "auto",
    found: NOWHERE,
    attempts: ["SwiftShader from npm: swiftshader"],
    notes: /^VK_DRIVER_FILES=\/nonexistent: names no file, passed over$/,
  },
  {
    name: "a variable that names a driver",
    choice: "auto",
    found: { ...MESA, variables: { ...NONE, VK_ICD_FILENAMES: "/opt/x.json" }, named: ["/opt/x.json"] },
    attempts: [
      "VK_ICD_FILENAMES=/opt/x.json: gpu lavapipe swiftshader",
      "the installed Vulkan drivers: gpu lavapipe",
      `lavapipe (${LAVAPIPE}): lavapipe`,
      "SwiftShader from npm: swiftshader",
    ],
  },
  {
    name: "another backend",
    choice: "auto",
    found: { ...BARE, variables: { ...NONE, DENO_WEBGPU_BACKEND: "gl" } },
    attempts: ["SwiftShader from npm: swiftshader"],
    notes: /^DENO_WEBGPU_BACKEND=gl: passed over/,
  },
  { name: "SwiftShader", choice: "swiftshader", found: MESA, attempts: ["SwiftShader from npm: swiftshader"] },
  {
    name: "lavapipe",
    choice: "lavapipe",
    found: MESA,
    attempts: [`lavapipe (${LAVAPIPE}): lavapipe`],
  },
  { name: "lavapipe on a bare machine", choice: "lavapipe", found: BARE, attempts: [] },
  { name: "hardware", choice: "gpu", found: MESA, attempts: ["the installed Vulkan drivers: gpu"] },
  { name: "hardware on a bare machine", choice: "gpu", found: BARE, attempts: [] },
  { name: "OpenGL", choice: "opengl", found: MESA, attempts: ["OpenGL: opengl gpu"] },
  { name: "macOS", choice: "auto", found: { ...BARE, os: "darwin" }, attempts: ["the platform's adapter: gpu"] },
  { name: "Windows", choice: "gpu", found: { ...BARE, os: "windows" }, attempts: ["the platform's adapter: gpu"] },
  { name: "Linux on another processor", choice: "auto", found: { ...BARE, arch: "aarch64" }, attempts: [] },
];

for (const { name, choice, found, attempts, notes } of PLANS) {
  Deno.test(`planAttempts() for ${choice}: ${name}`, () => {
    const plan = planAttempts(choice, found);
    assertEquals(plan.attempts.map((each) => `${each.label}: ${each.accepts.join(" ")}`), attempts);
    assertEquals(plan.notes.length, notes === undefined ? 0 : 1);
    if (notes !== undefined) assert(notes.test(plan.notes[0]), plan.notes[0]);
  });
}

Deno.test("planAttempts() refuses software Vulkan where npm has none, and says so", () => {
  assertThrows(() => planAttempts("swiftshader", { ...BARE, os: "darwin" }), DeviceError, "Linux on x86_64 only");
  assertThrows(() => planAttempts("lavapipe", { ...BARE, os: "windows" }), DeviceError, "this is windows");
  assertThrows(() => planAttempts("swiftshader", { ...BARE, arch: "aarch64" }), DeviceError, "this is aarch64");
});

Deno.test("planAttempts() names exactly one manifest for lavapipe alone", () => {
  const [alone] = planAttempts("lavapipe", MESA).attempts;
  assertEquals(alone.variables, { ...NONE, DENO_WEBGPU_BACKEND: "vulkan", VK_DRIVER_FILES: LAVAPIPE });
});

Deno.test("passedOver() says what an attempt gave instead", () => {
  const [attempt] = planAttempts("gpu", MESA).attempts;
  const got = (kind: AdapterDescription["kind"]): AdapterDescription => ({
    kind,
    name: "x",
    vendor: "y",
    features: [],
  });
  assertEquals(passedOver(attempt, got("gpu")), undefined);
  assertEquals(passedOver(attempt, null), "the installed Vulkan drivers: no adapter, passed over");
  assertEquals(
    passedOver(attempt, got("lavapipe")),
    "the installed Vulkan drivers: x (lavapipe) is not gpu, passed over",
  );
});

Deno.test("nothingFound() names what was found and the remedy", () => {
  const { message } = nothingFound("lavapipe", BARE, ["a: no adapter, passed over"]);
  assertEquals(
    message,
    'adapter is "lavapipe" but there is none (a: no adapter, passed over): install a Vulkan driver, such as ' +
      "Debian's mesa-vulkan-drivers",
  );
});

Deno.test("advise() names lavapipe to who has SwiftShader, and nothing to who has hardware", () => {
  assertEquals(advise("gpu", []), []);
  assert(advise("swiftshader", [])[0].includes("apt-get install mesa-vulkan-drivers"));
  const manifest = `/usr/share/vulkan/icd.d/lvp_icd.${Deno.build.arch}.json`;
  assert(advise("swiftshader", [manifest])[0].includes("it is installed"));
});
