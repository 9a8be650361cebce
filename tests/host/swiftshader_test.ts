import { assert, assertEquals, assertRejects } from "@std/assert";
import { brotliCompressSync } from "node:zlib";
import { install as installPackage, isIntact } from "../../engine/device/fetched_package.ts";
import { SWIFTSHADER, unpackArchive } from "../../engine/device/swiftshader.ts";
import { DeviceError } from "../../engine/errors.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const FILES: Record<string, string> = { "lib.so": await hash("driver"), "icd.json": await hash("{}") };
const RIGHT = { "lib.so": "driver", "icd.json": "{}", "other.so": "not wanted" };

async function hash(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encode(text))).toHex();
}

/** A tar archive, compressed, of the given files. */
function archive(files: Record<string, string>): () => Promise<Uint8Array> {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const header = new Uint8Array(512);
    header.set(encode(name));
    header.set(encode(content.length.toString(8).padStart(11, "0")), 124);
    const data = new Uint8Array(512 * Math.ceil(content.length / 512));
    data.set(encode(content));
    return [header, data];
  });
  const bytes = new Uint8Array([...blocks, new Uint8Array(1024)].flatMap((block) => [...block]));
  return () => Promise.resolve(brotliCompressSync(bytes));
}

const install = (folder: string, files: Record<string, string>, archive: () => Promise<Uint8Array>) =>
  installPackage(folder, { ...SWIFTSHADER, files }, async () => unpackArchive(await archive()));

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const parent = await Deno.makeTempDir();
  try {
    await work(`${parent}/cache/driver`);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

Deno.test("install() unpacks the files wanted and leaves nothing else behind", async () => {
  await inFolder(async (folder) => {
    assert(!await isIntact(folder, FILES));
    await install(folder, FILES, archive(RIGHT));
    assert(await isIntact(folder, FILES));
    assertEquals([...Deno.readDirSync(folder)].map((entry) => entry.name).sort(), ["icd.json", "lib.so"]);
  });
});

Deno.test("install() replaces a file that was tampered with", async () => {
  await inFolder(async (folder) => {
    await install(folder, FILES, archive(RIGHT));
    await Deno.writeTextFile(`${folder}/lib.so`, "evil");
    assert(!await isIntact(folder, FILES));
    await install(folder, FILES, archive(RIGHT));
    assertEquals(await Deno.readTextFile(`${folder}/lib.so`), "driver");
  });
});

Deno.test("install() refuses an archive with a wrong file and writes nothing", async () => {
  await inFolder(async (folder) => {
    const wrong = archive({ ...RIGHT, "icd.json": "[]" });
    await assertRejects(() => install(folder, FILES, wrong), DeviceError, "icd.json of npm:@sparticuz/chromium");
    await assertRejects(() => install(folder, FILES, archive({ "lib.so": "driver" })), DeviceError, "lacks icd.json");
    await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
  });
});

Deno.test("install() says how to choose another folder where it cannot write", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(folder.slice(0, folder.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(folder, "a file in the way");
    await assertRejects(() => install(folder, FILES, archive(RIGHT)), DeviceError, "set XDG_CACHE_HOME");
  });
});
