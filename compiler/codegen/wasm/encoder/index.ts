/** The WebAssembly encoder: modules, functions, and the instructions that make values. */
export { createModule, type ModuleBuilder, type ModuleOptions } from "./binary.js";
export type { FunctionBuilder, FunctionReference, Label, Signature } from "./function.js";
export { f32, f32x4, f64x2, i32, i32x4, i64x2, v128 } from "./operators.js";
export type { F32, I32, Integer, Local, V128, Value, ValueType } from "./value.js";
