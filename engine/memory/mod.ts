/** Floor 1: tensors, their layouts and the device's memory. */
export { dtypeOf, fromWords, type HostArray, isFloat, toWords } from "./elements.ts";
export { elementCount, extentsOf } from "./layout.ts";
export { mebibytes } from "./pool.ts";
export { Tensor } from "./tensor.ts";
