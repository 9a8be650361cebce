/**
 * The network `inception_v3_tumor`: where its files lie.
 *
 * @module
 */

/** The folder with `model.json` and `model.onnx`, which `engine.loadModel` takes. */
export const folder: string = new URL("./", import.meta.url).href;
