/**
 * That the deepest nets' gradients differ from PyTorch's by more than 1e-3 in float32 is the nets'
 * doing and not the kernels': each kernel is right, the backward pass gives PyTorch's gradients
 * where the forward pass made float64's decisions, and a whole net without decisions is right too.
 * VGG-16 and ResNet-50, which take minutes, are in float32.deep.test.ts.
 */
import { expect, it } from "vitest";
import { modelCases } from "./cases.js";
import { compareKernelByKernel, compareWithEvaluator, kernelTolerances } from "./float32.js";
import { readTrainedModel } from "./training.js";

const affordable = modelCases.filter(({ net, isSmall }) => isSmall || net === "GoogLeNet");
/** Far above what the slowest takes on a busy machine: tests judge answers, never its speed. */
const timeout = 600_000;

it.each(affordable)(
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

const inception = modelCases.filter(({ net }) => net === "GoogLeNet");

it.each(inception)(
  "$net without kinks, where nothing is decided, gives the evaluator's gradients",
  async (modelCase) => {
    const smooth = readTrainedModel(modelCase, (text) =>
      text.replace(/\brelu\b/g, "softplus").replace(/\bmax_pool\b/g, "avg_pool"),
    );
    const figures = await compareWithEvaluator(smooth);
    expect(figures.filter(({ error }) => !(error <= 1e-4))).toEqual([]);
  },
  timeout,
);
