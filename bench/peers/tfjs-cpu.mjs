/** TensorFlow.js on its plain JavaScript backend: the one that trains in Node. */
import { start } from "./tfjs.mjs";

export { predictor, multiplier, trainer } from "./tfjs.mjs";

export const prepare = () => start("cpu");
