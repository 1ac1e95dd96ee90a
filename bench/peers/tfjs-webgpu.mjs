/** TensorFlow.js on WebGPU. */
import "@tensorflow/tfjs-backend-webgpu";
import { start } from "./tfjs.mjs";

export { convolver, multiplier, predictor, resnetPredictor, resnetTrainer, trainer } from "./tfjs.mjs";

export const prepare = () => start("webgpu");
