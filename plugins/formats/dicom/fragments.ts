/** Encapsulated pixel data (PS3.5 A.4): items of bytes, and which of them make up a frame. */
import { concat } from "../bytes.ts";
import { cannotOpen, count, FETCH_AGAIN } from "../decoded.ts";
import type { DicomFile, Element } from "./data_set.ts";

interface Fragment {
  /** Where its item begins, counted from the first item behind the offset table. */
  readonly position: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The bytes of each frame. Throws an `InputError` where items are cut off or don't make up the frames. */
export function encapsulatedFrames(file: DicomFile, pixels: Element, frames: number): Uint8Array<ArrayBuffer>[] {
  const [table, ...fragments] = itemsOf(file, pixels);
  if (fragments.length === 0) throw cannotOpen(file.name, "its pixel data has no fragments", FETCH_AGAIN);
  const start = fragments[0].position;
  if (frames === 1) return [joined(fragments)];
  if (fragments.length === frames) return fragments.map(({ bytes }) => bytes);
  const starts = framesByTable(table.bytes, fragments, start, frames) ?? framesByContent(fragments, frames);
  if (starts === undefined) {
    const reason = `its ${fragments.length} fragments don't make up ${frames} frames`;
    throw cannotOpen(file.name, reason, FETCH_AGAIN);
  }
  return starts.map((first, frame) => joined(fragments.slice(first, starts[frame + 1])));
}

/** The items up to the delimiter, the first of which is the offset table. */
function itemsOf({ dataSet: { byteArray }, name }: DicomFile, { dataOffset }: Element): Fragment[] {
  const view = new DataView(byteArray.buffer, byteArray.byteOffset, byteArray.byteLength);
  const items: Fragment[] = [];
  for (let at = dataOffset; at + 8 <= byteArray.length;) {
    const [group, element, length] = [
      view.getUint16(at, true),
      view.getUint16(at + 2, true),
      view.getUint32(at + 4, true),
    ];
    if (group === 0xfffe && element === 0xe0dd) return items;
    if (group !== 0xfffe || element !== 0xe000) {
      throw cannotOpen(name, "its pixel data holds something else between its fragments", FETCH_AGAIN);
    }
    const there = byteArray.length - at - 8;
    if (length > there) {
      throw cannotOpen(
        name,
        `a fragment of its pixels ends after ${count(there)} of ${count(length)} bytes`,
        FETCH_AGAIN,
      );
    }
    items.push({ position: at, bytes: byteArray.subarray(at + 8, at + 8 + length) as Uint8Array<ArrayBuffer> });
    at += 8 + length;
  }
  throw cannotOpen(name, `its pixel data ends after ${items.length} items without a delimiter`, FETCH_AGAIN);
}

/** The first fragment of each frame by the basic offset table; nothing where it is empty or points elsewhere. */
function framesByTable(
  table: Uint8Array<ArrayBuffer>,
  fragments: readonly Fragment[],
  start: number,
  frames: number,
): number[] | undefined {
  if (table.length !== 4 * frames) return undefined;
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const byPosition = new Map(fragments.map(({ position }, index) => [position - start, index]));
  const starts = Array.from({ length: frames }, (_, frame) => byPosition.get(view.getUint32(4 * frame, true)) ?? -1);
  return starts.every((first, frame) => first > (starts[frame - 1] ?? -1)) && starts[0] === 0 ? starts : undefined;
}

/** The first fragment of each frame by how code streams begin: JPEG and JPEG-LS, JPEG 2000, and that in a file of boxes. */
function framesByContent(fragments: readonly Fragment[], frames: number): number[] | undefined {
  const begins = (bytes: Uint8Array): boolean =>
    bytes[0] === 0xff && (bytes[1] === 0xd8 || (bytes[1] === 0x4f && bytes[2] === 0xff)) ||
    String.fromCharCode(...bytes.subarray(4, 8)) === "jP  ";
  const starts = fragments.flatMap(({ bytes }, index) => begins(bytes) ? [index] : []);
  return starts.length === frames && starts[0] === 0 ? starts : undefined;
}

function joined(fragments: readonly Fragment[]): Uint8Array<ArrayBuffer> {
  return fragments.length === 1 ? fragments[0].bytes : concat(fragments.map(({ bytes }) => bytes));
}
