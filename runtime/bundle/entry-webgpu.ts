/** The runtime of a bundle for WebGPU; see entry.ts. */
import type { BytesSource } from "./bytes.js";
import { type AsyncNet, type GpuPlan, netOn, type NetOptions, openGpu } from "./gpu-net.js";
import { readWeightsFor } from "./weights.js";

/** @throws UserError when there is no GPU, it cannot run the net, or the weights are wrong */
export async function openNet(
  plan: GpuPlan,
  weights: BytesSource,
  options: NetOptions = {},
): Promise<AsyncNet> {
  const named = await readWeightsFor(plan, weights);
  return netOn(await openGpu(plan, options), named);
}
