/** The different elements of a value of the host. */
import { sizeOf } from "../../../shaders/mod.ts";
import { type HostValue, hostValue, selectElements } from "../host_value.ts";

type Element = number | bigint;

/** Ascending, NaN behind all numbers. */
function compareElements(a: Element, b: Element): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The different elements of a value, or its different slices along an axis, sorted or in the order in which they occur
 * first; with the position of each one's first occurrence, which one each element is, and how often each occurs.
 */
export function uniqueOf(
  value: HostValue,
  axis: number | undefined,
  sorted: boolean,
): [values: HostValue, first: HostValue, inverse: HostValue, counts: HostValue] {
  const extent = axis === undefined ? value.data.length : value.shape[axis];
  const inner = axis === undefined ? 1 : sizeOf(value.shape.slice(axis + 1));
  const outer = axis === undefined ? 1 : sizeOf(value.shape.slice(0, axis));
  const at = (slice: number, index: number) => (Math.floor(index / inner) * extent + slice) * inner + index % inner;
  const compare = (a: number, b: number): number => {
    for (let index = 0; index < outer * inner; index++) {
      const order = compareElements(value.data[at(a, index)], value.data[at(b, index)]);
      if (order !== 0) return order;
    }
    return 0;
  };
  // Equal slices stand together, the first one before the others.
  const order = Array.from({ length: extent }, (_, slice) => slice).sort((a, b) => compare(a, b) || a - b);
  const groups: number[][] = [];
  for (const slice of order) {
    const last = groups.at(-1);
    if (last !== undefined && compare(last[0], slice) === 0) last.push(slice);
    else groups.push([slice]);
  }
  if (!sorted) groups.sort(([a], [b]) => a - b);
  const inverse = new Array<number>(extent);
  for (const [index, group] of groups.entries()) for (const slice of group) inverse[slice] = index;
  const shape = axis === undefined ? [groups.length] : value.shape.with(axis, groups.length);
  const values = selectElements(value, shape, (index) => {
    const line = Math.floor(index / inner);
    const group = groups[line % groups.length];
    return at(group[0], Math.floor(line / groups.length) * inner + index % inner);
  });
  const vector = (numbers: readonly number[]) => hostValue("i64", [numbers.length], numbers);
  return [values, vector(groups.map(([slice]) => slice)), vector(inverse), vector(groups.map(({ length }) => length))];
}
