/**
 * What `onnxruntime-web` is in this project's imports: the package itself, fetched when this module is loaded. An npm
 * specifier there would enter the lock, and so be fetched by everybody.
 */
import { loadOnnxruntime, type Onnxruntime } from "./onnxruntime.ts";

const runtime: Onnxruntime = await loadOnnxruntime();

/** Settings that have to be made before the first session. */
export const env: Onnxruntime["env"] = runtime.env;
/** Opens sessions. */
export const InferenceSession: Onnxruntime["InferenceSession"] = runtime.InferenceSession;
/** An array with its shape. */
export const Tensor: Onnxruntime["Tensor"] = runtime.Tensor;
