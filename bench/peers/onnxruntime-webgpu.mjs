/** ONNX Runtime Web on WebGPU, whose WebAssembly part the page serves at /ort/. */
import * as ort from "onnxruntime-web";
import { start } from "./onnxruntime.mjs";

export { convolver, multiplier, predictor } from "./onnxruntime.mjs";

export async function prepare() {
  await start("webgpu");
  ort.env.wasm.wasmPaths = `${location.origin}/ort/`;
}
