/** The evaluator gives PyTorch's numbers in float64: output, loss, every gradient, running statistics. */
import { expect, it } from "vitest";
import { modelCases } from "./cases.js";
import { compareOnEvaluator } from "./compare.js";
import { readTrainedModel } from "./training.js";

it.each(modelCases.filter(({ isSmall }) => isSmall))("$net of $file", (modelCase) => {
  const figures = compareOnEvaluator(readTrainedModel(modelCase));
  expect(figures.filter(({ error }) => !(error <= 1e-8))).toEqual([]);
});
