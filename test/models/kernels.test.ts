/** Compiled programs give PyTorch's numbers in float32: output, loss, every gradient, running statistics. */
import { expect, it } from "vitest";
import { modelCases } from "./cases.js";
import { compareOnKernels, outsideTolerance } from "./compare.js";
import { readTrainedModel } from "./training.js";

it.each(modelCases)("$net of $file", async (modelCase) => {
  const trained = readTrainedModel(modelCase);
  const figures = await compareOnKernels(trained);
  const { gradients, buffers_after } = trained.fixture.training;
  expect(figures.length).toBe(3 + gradients.length + buffers_after.length);
  expect(outsideTolerance(modelCase, figures)).toEqual([]);
});
