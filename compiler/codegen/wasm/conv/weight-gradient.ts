/**
 * The gradient of a convolution's weight: a product over pixels, summed over images.
 *
 * Invariant: sums run over images, then pixels in row-major order.
 */
import type { ConvWeightGradientKernel } from "../../../select/kernel.js";
import { scratchLayout, type KernelCode } from "../kernel-code.js";
import { planPixelProduct } from "./pixel-product.js";
import { convFlops } from "./conv.js";

export function convWeightGradient(spec: ConvWeightGradientKernel): KernelCode {
  const scratch = scratchLayout();
  const write = planPixelProduct(spec, scratch);
  return {
    inputs: 2,
    outputs: 1,
    scratchBytes: scratch.total(),
    flops: convFlops(spec, null, 0),
    write,
  };
}
