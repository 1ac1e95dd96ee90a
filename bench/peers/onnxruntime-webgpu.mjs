/** ONNX Runtime Web on WebGPU, whose WebAssembly part the page serves at /ort/. */
import * as ort from "onnxruntime-web";
import { start } from "./onnxruntime.mjs";

export { convolver, multiplier, predictor, resnetPredictor } from "./onnxruntime.mjs";

export async function prepare() {
  await start("webgpu");
  // Outside a page, the parent says where it lies.
  ort.env.wasm.wasmPaths = globalThis.ortFolder ?? `${location.origin}/ort/`;
}
