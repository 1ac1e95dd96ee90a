/** jax-js on WebGPU. */
import { start } from "./jax-js.mjs";

export { convolver, multiplier, predictor, resnetPredictor, resnetTrainer, trainer } from "./jax-js.mjs";

export const prepare = () => start("webgpu");
