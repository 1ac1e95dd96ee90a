/** TensorFlow.js on its plain JavaScript backend: the one that trains in Node. */
import { start } from "./tfjs.mjs";

export { multiplier, predictor, resnetPredictor, resnetTrainer, trainer } from "./tfjs.mjs";

export const prepare = () => start("cpu");
