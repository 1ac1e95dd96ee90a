/** Tulle on WebGPU. */
import { tulleOn } from "../ours.mjs";

export const { prepare, predictor, trainer, multiplier, convolver, resnetPredictor, resnetTrainer } =
  tulleOn("webgpu");
