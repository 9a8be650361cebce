/**
 * Packages of npm that only some machines or some calls need. They are fetched by a child of its own and never imported here:
 * in a project with a lock file an import would either enter it there, so that every machine fetches them, or fail under
 * `--frozen`. What is used of them is held by hashes.
 */
import { DeviceError } from "../errors.ts";
import { requirePermission } from "./adapter.ts";

/** What is used of a package. */
export interface FetchedPackage {
  /** What messages call it. */
  readonly title: string;
  /** Packages with their versions, `npm:NAME@VERSION`, the one itself first. */
  readonly specifiers: readonly string[];
  /** Name of its folder in the cache, with the version. */
  readonly folder: string;
  /** SHA-256 of each file that is kept, by its name in the folder. */
  readonly files: Readonly<Record<string, string>>;
  /** What to do instead where it can't be fetched. */
  readonly instead: string;
  /** The files, from the URLs of the packages' entries. */
  readonly unpack: (entries: readonly URL[]) => Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>>;
}

/** The folder with the files of a package, which is fetched if they aren't there as they must be. */
export async function fetchedFolder(wanted: FetchedPackage, signal?: AbortSignal): Promise<string> {
  const folder = `${cacheFolder(wanted.title)}/${wanted.folder}`;
  requirePermission({ name: "read", path: folder }, "--allow-read", `open ${wanted.title}`);
  if (!await isIntact(folder, wanted.files)) {
    await install(folder, wanted, async () => await wanted.unpack(await fetchEntries(wanted, signal)));
  }
  return folder;
}

/** Whether a folder holds all the files with the hashes that they must have. */
export async function isIntact(folder: string, files: Readonly<Record<string, string>>): Promise<boolean> {
  for (const [name, hash] of Object.entries(files)) {
    try {
      if (await sha256(await Deno.readFile(`${folder}/${name}`)) !== hash) return false;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
  return true;
}

/**
 * Puts the files of a package into a folder. A file whose hash is wrong is refused and nothing is written; each is written
 * under a temporary name and renamed, so that processes that start at once agree.
 */
export async function install(
  folder: string,
  { title, specifiers: [specifier], files }: Pick<FetchedPackage, "title" | "specifiers" | "files">,
  unpack: () => Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>>,
): Promise<void> {
  requirePermission({ name: "write", path: folder }, `--allow-write=${folder}`, `keep ${title}`);
  const contents = await unpack();
  for (const [name, hash] of Object.entries(files)) {
    const content = contents.get(name);
    if (content === undefined) {
      throw new DeviceError(`${specifier} lacks ${name}: fetch it again with deno cache --reload`);
    }
    const found = await sha256(content);
    if (found !== hash) {
      throw new DeviceError(
        `${name} of ${specifier} has SHA-256 ${found} but must have ${hash}: fetch it again with deno cache --reload`,
      );
    }
  }
  try {
    for (const name of Object.keys(files)) {
      const path = `${folder}/${name}`;
      const parent = path.slice(0, path.lastIndexOf("/"));
      await Deno.mkdir(parent, { recursive: true });
      const temporary = `${parent}/.${crypto.randomUUID()}`;
      await Deno.writeFile(temporary, contents.get(name)!);
      await Deno.rename(temporary, path);
    }
  } catch (error) {
    throw new DeviceError(
      `Cannot keep ${title} in ${folder} (${(error as Error).message}): set XDG_CACHE_HOME to a writable folder`,
      { cause: error },
    );
  }
}

function cacheFolder(title: string): string {
  for (const variable of ["XDG_CACHE_HOME", "HOME"]) {
    requirePermission({ name: "env", variable }, "--allow-env=HOME,XDG_CACHE_HOME", "find the cache folder");
  }
  const home = Deno.env.get("HOME");
  const cache = Deno.env.get("XDG_CACHE_HOME") || (home ? `${home}/.cache` : undefined);
  if (cache === undefined) {
    throw new DeviceError(`Cannot keep ${title} as HOME is not set: set XDG_CACHE_HOME to a writable folder`);
  }
  return `${cache}/isocenter`;
}

/** Has a child fetch the packages into Deno's cache, and gives the URLs of their entries there. */
async function fetchEntries({ title, specifiers, instead }: FetchedPackage, signal?: AbortSignal): Promise<URL[]> {
  const script = `for (const name of ${JSON.stringify(specifiers)}) { await import(name); ` +
    "console.log(import.meta.resolve(name)); }";
  const options = ["--no-lock", "--no-config", "--node-modules-dir=none"];
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(denoCommand(`fetch ${title}`), { args: ["eval", ...options, script], signal })
      .output();
  } catch (error) {
    if (error instanceof DeviceError) throw error;
    throw new DeviceError(`Cannot start Deno to fetch ${title} (${(error as Error).message}): put deno on the PATH`, {
      cause: error,
    });
  }
  signal?.throwIfAborted();
  if (!output.success) {
    const said = new TextDecoder().decode(output.stderr).trim().split("\n").at(-1);
    throw new DeviceError(`Cannot fetch ${title}, ${specifiers[0]} (${said}): connect to npm once, or ${instead}`);
  }
  return new TextDecoder().decode(output.stdout).trim().split("\n").map((line) => new URL(line));
}

/** This Deno by its path where that is permitted, else by its name, as `--allow-run=deno` permits. */
export function denoCommand(purpose: string): string {
  const path = Deno.execPath();
  if (Deno.permissions.querySync({ name: "run", command: path }).state === "granted") return path;
  requirePermission({ name: "run", command: "deno" }, "--allow-run=deno", purpose);
  return "deno";
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
