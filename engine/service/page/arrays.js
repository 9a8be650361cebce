/** Slices as npy files, and as pictures. */

/** A slice of f32 as an npy file. */
export function encodeNpy(values, [height, width]) {
  const head = `{'descr': '<f4', 'fortran_order': False, 'shape': (${height}, ${width}), }`;
  const text = new TextEncoder().encode(`${head.padEnd(117)}\n`);
  const bytes = new Uint8Array(128 + values.length * 4);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  bytes.set(text, 10);
  new Float32Array(bytes.buffer, 128).set(values);
  return bytes;
}

/** The values of an npy file of f32. */
export function decodeNpy(buffer) {
  const start = 10 + new DataView(buffer).getUint16(8, true);
  return new Float32Array(buffer.slice(start));
}

/** Draws values from `low` to `high` as gray. */
export function drawGray(canvas, values, size, [low, high]) {
  const scale = high > low ? 255 / (high - low) : 0;
  draw(canvas, size, (at) => {
    const gray = (values[at] - low) * scale;
    return [gray, gray, gray];
  });
}

/** Draws differences from `-most` (blue) over 0 (black) to `most` (red). */
export function drawDifference(canvas, values, size, most) {
  draw(canvas, size, (at) => {
    const share = most > 0 ? values[at] / most : 0;
    return share < 0 ? [-70 * share, -160 * share, -255 * share] : [255 * share, 110 * share, 70 * share];
  });
}

function draw(canvas, [height, width], colorAt) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(width, height);
  for (let at = 0; at < width * height; at++) picture.data.set([...colorAt(at), 255], 4 * at);
  context.putImageData(picture, 0, 0);
}
