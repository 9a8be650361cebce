/** Values in -0.5 to 0.5 from a fixed sequence: what contenders are fed with. */
export function noise(shape: readonly number[], seed: number): Float32Array {
  let state = (12345 * seed) >>> 0;
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

/** Open sizes of a network's input: the batch is 1, all other axes 224. */
export function closedShape(shape: readonly (number | string)[]): number[] {
  return shape.map((size, axis) => typeof size === "number" && size >= 0 ? size : axis === 0 ? 1 : 224);
}
