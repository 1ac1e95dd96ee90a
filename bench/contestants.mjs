/** Who is compared. Each module implements what `cases.mjs` needs of it, and is imported only in its own process. */

export const tulle = { id: "tulle", title: "Tulle", module: "./ours.mjs" };

/** Tulle with one optimization off at a time, and with all of them. */
export function ablations(optimizations) {
  const without = (names, title) => ({
    id: `without-${title.replaceAll(" ", "-")}`,
    title: `without ${title}`,
    module: `./ours.mjs?${names.map((name) => `without=${name}`).join("&")}`,
  });
  return [...optimizations.map((name) => without([name], name)), without(optimizations, "any of them")];
}

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
