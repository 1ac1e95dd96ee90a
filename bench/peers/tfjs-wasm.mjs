/** TensorFlow.js on its WebAssembly backend (XNNPACK), which cannot train convolutions. */
import { start } from "./tfjs.mjs";

export { multiplier, predictor, resnetPredictor, resnetTrainer, trainer } from "./tfjs.mjs";

export const prepare = () => start("wasm");
