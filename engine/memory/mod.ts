/** Floor 1: tensors, their layouts and the device's memory. */
export { dtypeOf, fromWords, type HostArray, type HostInput, toWords } from "./elements.ts";
export { extentsOf } from "./layout.ts";
export { Holding, type Outcome } from "./holding.ts";
export { mebibytes, type Need, refuseNeeds, type Storage, storageBytes } from "./pool.ts";
export { Tensor, type TensorOwner } from "./tensor.ts";
