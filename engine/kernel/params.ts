/** Packs a dispatch's params into the bytes of the page's `struct Params`, by reflection, so that the two can't drift. */

import { type MemberInfo, type StructInfo, WgslReflect } from "npm:wgsl_reflect@1.6.0/wgsl_reflect.module.js";

interface Field {
  readonly name: string;
  readonly offset: number;
  readonly kind: "f32" | "i32" | "u32";
  /** Scalars in all, and how many lie side by side before the next stride. */
  readonly count: number;
  readonly width: number;
  readonly stride: number;
}

/** The layout of a `struct Params`. */
export interface ParamsLayout {
  readonly bytes: number;
  readonly fields: readonly Field[];
}

const layouts = new Map<string, ParamsLayout>();

/** Reflects the text of a `struct Params`; `constants` is the text that sizes its arrays may refer to. */
export function paramsLayout(struct: string, constants = ""): ParamsLayout {
  const key = `${constants}\n${struct}`;
  const known = layouts.get(key);
  if (known) return known;
  const text =
    `${key}\n@group(0) @binding(0) var<uniform> params: Params;\n@compute @workgroup_size(1) fn main() { _ = params; }`;
  const type = new WgslReflect(text).uniforms[0].type as StructInfo;
  const layout = { bytes: Math.ceil(type.size / 16) * 16, fields: type.members.map(fieldOf) };
  layouts.set(key, layout);
  return layout;
}

function fieldOf(member: MemberInfo): Field {
  const type = member.type as MemberInfo["type"] & { format?: { name: string } & MemberInfo["type"] };
  const element = member.isArray && type.format ? type.format : type;
  const name = element.name;
  const scalar = (element as { format?: { name: string } }).format?.name ?? name;
  const kind = scalar === "f32" || name.endsWith("f") ? "f32" : scalar === "i32" || name.endsWith("i") ? "i32" : "u32";
  const width = Number(/^vec(\d)/.exec(name)?.[1] ?? 1);
  const count = member.isArray ? member.count * width : width;
  return {
    name: member.name,
    offset: member.offset,
    kind,
    count,
    width,
    stride: member.isArray ? member.stride : 4 * width,
  };
}

/** Writes `values` into `view` from byte `offset`. Every member must be given, with as many numbers as it has. */
export function packParams(
  page: string,
  layout: ParamsLayout,
  values: Readonly<Record<string, number | readonly number[]>>,
  view: DataView,
  offset: number,
): void {
  for (const name of Object.keys(values)) {
    if (!layout.fields.some((field) => field.name === name)) throw new TypeError(`${page} has no param "${name}"`);
  }
  for (const field of layout.fields) {
    const given = values[field.name];
    const list = typeof given === "number" ? [given] : given ?? [];
    if (list.length !== field.count) {
      throw new TypeError(`${page} takes ${field.count} numbers as param "${field.name}", not ${list.length}`);
    }
    list.forEach((value, index) => {
      const at = offset + field.offset + Math.floor(index / field.width) * field.stride + (index % field.width) * 4;
      if (field.kind === "f32") view.setFloat32(at, value, true);
      else if (field.kind === "i32") view.setInt32(at, value, true);
      else view.setUint32(at, value, true);
    });
  }
}
