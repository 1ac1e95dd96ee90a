/**
 * The gradient of a convolution's weight: for each weight a sum over images and pixels of
 * cotangents times the inputs it met.
 */
import type { ConvWeightGradientKernel } from "../../../select/kernel.js";
import { scratchLayout, notShared, type KernelCode } from "../kernel-code.js";
import { planPixelProduct } from "./pixel-product.js";
import { convFlops } from "./conv.js";
import { planRowProduct, suitsRowProduct } from "./row-product.js";

export function convWeightGradient(spec: ConvWeightGradientKernel): KernelCode {
  const scratch = scratchLayout();
  const plan = suitsRowProduct(spec) ? planRowProduct : planPixelProduct;
  const write = plan(spec, scratch);
  return {
    inputs: 2,
    outputs: 1,
    sharing: notShared,
    scratchBytes: scratch.total(),
    flops: convFlops(spec, null, 0),
    write,
  };
}
