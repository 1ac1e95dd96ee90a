/** Who is compared. Each module implements what `cases.mjs` needs of it, and is imported only in its own process. */

export const tulle = { id: "tulle", title: "Tulle", module: "./ours.mjs" };

/** `packageName` must be in bench/node_modules. */
export const peers = [
  {
    id: "onnxruntime",
    title: "ONNX Runtime Web, wasm",
    module: "./peers/onnxruntime.mjs",
    packageName: "onnxruntime-web",
  },
  {
    id: "tfjs-wasm",
    title: "TensorFlow.js, wasm",
    module: "./peers/tfjs-wasm.mjs",
    packageName: "@tensorflow/tfjs-backend-wasm",
  },
  {
    id: "tfjs-cpu",
    title: "TensorFlow.js, plain JavaScript",
    module: "./peers/tfjs-cpu.mjs",
    packageName: "@tensorflow/tfjs",
  },
  { id: "jax-js", title: "jax-js, wasm", module: "./peers/jax-js.mjs", packageName: "@jax-js/jax" },
];
