import { nn } from "../../../shaders/mod.ts";
import { cast, type HostDType, isDeviceType } from "../host_value.ts";
import { type Lowering, type Operand, UnsupportedNode } from "../operator.ts";

/** An operand as another type; itself where it has that type. */
export function converted(lowering: Lowering, x: Operand, to: HostDType): Operand {
  if (x.dtype === to) return x;
  if (x.host !== undefined) return lowering.constant(cast(x.host, to));
  if (!isDeviceType(to)) throw new UnsupportedNode(`element type ${to} is not supported on the device`);
  return lowering.apply(nn.cast, [x], { to });
}
