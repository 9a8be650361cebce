import { type Geometry, InputError, type Truth, UsageError } from "../../engine/pipeline/mod.ts";
import type { Decoded } from "../formats/decoded.ts";
import { parseCsv } from "./csv.ts";
import { stemOf } from "./listing.ts";
import { withoutColor } from "./pixels.ts";

/** Notes what all cases depend on. */
export type Note = (path: string, content: Uint8Array) => void;

/** What a case's truth is read by. */
export interface Context {
  /** Decodes the file of a path. */
  decode(path: string): Promise<Decoded>;
  /** Adds a line to the warnings of the case. */
  warn(message: string): void;
}

/**
 * What is known to be true of the cases, from a folder with `masks/STEM.*` and `index.csv` (columns `id` and `class`, and
 * `patient` or `series` where cases belong together), either of which may be missing. STEM is the name of a case's file without extension; an `id` is a STEM, or a number: then
 * STEM is that number, or the number, `_` and the class, whatever the leading zeros.
 */
export class TruthFolder {
  readonly #masks: ReadonlyMap<string, readonly string[]>;
  readonly #classes: ReadonlyMap<string, Row>;

  private constructor(masks: ReadonlyMap<string, readonly string[]>, classes: ReadonlyMap<string, Row>) {
    this.#masks = masks;
    this.#classes = classes;
  }

  /** Looks what the folder holds. Throws a `UsageError` where it can't be used. */
  static async open(folder: string, note: Note): Promise<TruthFolder> {
    const masks = await masksIn(`${folder}/masks`, note);
    const classes = await classesIn(`${folder}/index.csv`, note);
    if (masks !== undefined || classes !== undefined) return new TruthFolder(masks ?? new Map(), classes ?? new Map());
    throw new UsageError(
      `Cannot use ${folder} as truth as it has neither masks/ nor index.csv: name the folder above them`,
    );
  }

  /**
   * The truth about a file, if there is some; `size` is the image's [H, W] or [D, H, W]. Throws an `InputError` where the
   * mask can't be read or has another size.
   */
  async of(file: string, size: readonly number[], geometry: Geometry, context: Context): Promise<Truth | undefined> {
    const stem = stemOf(file);
    const paths = this.#masks.get(stem) ?? [];
    const known = this.#classes.get(stem) ?? this.#byNumber(stem, context.warn);
    if (paths.length > 1) {
      throw new InputError(`Cannot choose the mask of ${file} as there are ${paths.join(" and ")}: keep one of them`);
    }
    const mask = paths.length === 0 ? undefined : await maskOf(paths[0], file, size, geometry, context);
    if (mask === undefined && known === undefined) return undefined;
    return { ...(mask === undefined ? {} : { mask }), ...known };
  }

  /** The row of the number that a name begins with, where the rest of the name fits. */
  #byNumber(stem: string, warn: Context["warn"]): Row | undefined {
    const known = this.#classes.get(numberOf(stem));
    if (known === undefined) return undefined;
    const rest = stem.replace(/^\d+/, "");
    if (rest === "" || rest === `_${known.class}`) {
      if (rest === "") warn(`The class is that of number ${BigInt(stem)} in index.csv.`);
      return known;
    }
    const digits = stem.slice(0, -rest.length);
    warn(
      `The name begins as number ${
        BigInt(digits)
      } of index.csv, but is neither ${digits} nor ${digits}_${known.class}: its class is not taken.`,
    );
    return undefined;
  }
}

/** What `index.csv` says of a case. */
type Row = Pick<Truth, "class" | "group">;

/** The number that a name begins with, without leading zeros; a key that no name has where there is none. */
function numberOf(stem: string): string {
  const digits = /^\d+/.exec(stem)?.[0];
  return digits === undefined ? "" : `#${BigInt(digits)}`;
}

async function maskOf(
  path: string,
  file: string,
  size: readonly number[],
  geometry: Geometry,
  { decode, warn }: Context,
): Promise<NonNullable<Truth["mask"]>> {
  const decoded = await decode(path);
  const { pixels, shape } = withoutColor(decoded);
  const [channels, ...axes] = shape;
  if (channels !== 1 || axes.length !== size.length || axes.some((length, axis) => length !== size[axis])) {
    const sizes = `${axes.join(" x ")} pixels${channels === 1 ? "" : ` in ${channels} channels`}`;
    throw new InputError(
      `Cannot use ${path} as truth as it has ${sizes}, but ${file} has ${size.join(" x ")}: match them`,
    );
  }
  // A JPEG rings about its edges: what is not 0 is not yet foreground.
  const isLossy = decoded.header?.format === "jpeg";
  const half = isLossy ? pixels.reduce((most, value) => Math.max(most, value), 0) / 2 : 0;
  if (isLossy) warn(`The mask is a JPEG, which is lossy: its values above ${half}, half of its range, are the region.`);
  const inside = isLossy ? (value: number) => Number(value > half) : (value: number) => Number(value !== 0);
  const tensor = { dtype: "u8", shape: axes, data: Uint8Array.from(pixels, inside) } as const;
  return { tensor, geometry };
}

async function masksIn(folder: string, note: Note): Promise<Map<string, string[]> | undefined> {
  try {
    const names = (await Array.fromAsync(Deno.readDir(folder))).filter(({ isFile, isSymlink }) => isFile || isSymlink);
    const masks = new Map<string, string[]>();
    for (const { name } of names.sort((a, b) => a.name < b.name ? -1 : 1)) {
      if (!name.startsWith(".")) masks.set(stemOf(name), [...masks.get(stemOf(name)) ?? [], `${folder}/${name}`]);
    }
    note(folder, new TextEncoder().encode([...masks.values()].flat().join("\n")));
    return masks;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`Cannot read ${folder} (${(error as Error).message}): make it a readable folder`);
  }
}

async function classesIn(path: string, note: Note): Promise<Map<string, Row> | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`Cannot read ${path} (${(error as Error).message}): make it a readable file`);
  }
  note(path, new TextEncoder().encode(text));
  const rows = parseCsv(text);
  if (rows.some((row) => row.id === undefined || row.class === undefined)) {
    throw new UsageError(`Cannot use ${path} as truth as its header lacks id or class: add these columns`);
  }
  const classes = new Map<string, Row>();
  for (const row of rows) {
    for (const key of [row.id, /^\d+$/.test(row.id) ? numberOf(row.id) : row.id]) {
      const group = row.patient || row.series;
      if (row.class !== "" && row.id !== "") classes.set(key, { class: row.class, ...(group ? { group } : {}) });
    }
  }
  return classes;
}
