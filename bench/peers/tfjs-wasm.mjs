/** TensorFlow.js on its WebAssembly backend (XNNPACK), which cannot train convolutions. */
import { start } from "./tfjs.mjs";

export { predictor, multiplier, trainer } from "./tfjs.mjs";

export const prepare = () => start("wasm");
