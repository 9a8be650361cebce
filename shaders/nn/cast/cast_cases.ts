import { hostTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { CastOptions } from "./cast.ts";

const of = (name: string, values: readonly number[], dtype: DType, to: DType): Case<CastOptions> => ({
  name,
  inputs: () => [hostTensor(values, [values.length], dtype)],
  options: { to },
});

const floats = [0, -0, 0.4, -0.4, 1.5, -1.5, 2.9, -2.9, 100, -100, 127.9];

/** Inputs and options worth trying. */
export const castCases: Case<CastOptions>[] = [
  ...(["i64", "i32", "i16", "i8", "bool", "f32"] as const).map((to) => of(`f32 to ${to}`, floats, "f32", to)),
  ...(["u32", "u16", "u8"] as const).map((to) => of(`f32 to ${to}`, floats.map(Math.abs), "f32", to)),
  of("f32 to i32 saturates", [3e9, -3e9, 2147483520], "f32", "i32"),
  of("large f32 to u32", [3e9, 4294967040], "f32", "u32"),
  of(
    "f32 to f16",
    [1, 1 / 3, -2.0009765625, 65504, 65519, -65520, 1e-5, 6e-8, 2e-8, 5.9604645e-8, 0.00006103515625, Infinity],
    "f32",
    "f16",
  ),
  of("f16 to f32", [1, 0.5, -3], "f16", "f32"),
  of("i64 to f32", [0, 1, -7, 123456789], "i64", "f32"),
  of("u32 to f32", [0, 3e9, 7], "u32", "f32"),
  of("i64 to i32", [5, -5, 2 ** 31 - 1], "i64", "i32"),
  of("i32 to i8 wraps", [0, 127, 128, -129, 300], "i32", "i8"),
  of("i32 to u8 wraps", [0, 255, 256, -1, -300], "i32", "u8"),
  of("i32 to u16 wraps", [65536, -1], "i32", "u16"),
  of("i64 to bool", [0, 1, -3, 256], "i64", "bool"),
  of("bool to f32", [0, 1], "bool", "f32"),
  of("bool to i64", [0, 1], "bool", "i64"),
  of("f64 to f32 is rounded", [0.1, 1 / 3, -2], "f64", "f32"),
  of("u64 to f64", [0, 3e9, 7], "u64", "f64"),
  of("f32 to u64", [3e9, 2.7, 0], "f32", "u64"),
  of("empty", [], "i32", "f32"),
];
