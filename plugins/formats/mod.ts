/** The formats' face: bytes to pixels with their place. Each reader is loaded with its libraries when it is needed. */
export type { Channels, Decoded } from "./decoded.ts";
export { decode, type DecodeOptions, detect, type Detected, type Format, HEAD_BYTES } from "./detect.ts";
export type { Limits, Origin } from "./limits.ts";
