/** VGG-16 and ResNet-50, kernel by kernel: `npm run test:deep`, a few minutes. See float32.test.ts. */
import { expect, it } from "vitest";
import { modelCases } from "./cases.js";
import { compareKernelByKernel, kernelTolerances } from "./float32.js";
import { readTrainedModel } from "./training.js";

const timeout = 1_200_000;

it.each(modelCases.filter(({ net }) => ["VGG16", "ResNet50"].includes(net)))(
  "every kernel of $net computes what float64 does",
  async (modelCase) => {
    const trained = readTrainedModel(modelCase);
    const { alone, backward } = await compareKernelByKernel(trained);
    expect(alone.filter(({ error }) => !(error <= kernelTolerances.alone))).toEqual([]);
    expect(backward.length).toBe(trained.fixture.training.gradients.length);
    expect(backward.filter(({ error }) => !(error <= kernelTolerances.backward))).toEqual([]);
  },
  timeout,
);
