/**
 * What is measured. Every call goes from a host array to a host array, as a user
 * calls it: writing the input and reading the output are part of the time.
 */
import * as fixture from "./fixture.mjs";
import * as resnet from "./resnet18.mjs";

const rate = 0.05;

/**
 * Each case makes a function to time from a contestant, after judging it:
 * `build(contestant)` gives `{ run }`, or `{ problem }` where an answer is wrong.
 */
export const cases = [
  predict(1),
  predict(32),
  {
    id: "train-32",
    title: "LeNet-5 training step, batch 32, SGD",
    needs: "trainer",
    otherwise: "does not train",
    build: buildTraining,
    work: null,
  },
  // At 32 x 32, where it takes seconds even on drivers that play a GPU on the CPU.
  {
    id: "resnet18-predict-1",
    title: `ResNet-18 inference at ${resnet.side} x ${resnet.side}, batch 1`,
    needs: "resnetPredictor",
    otherwise: "has no case for it",
    work: null,
    build: async ({ resnetPredictor }) => {
      const run = await resnetPredictor(resnet.weights(), 1);
      const images = resnet.images(1);
      const problem = resnet.problemOfLogits(await run(images), 1);
      return problem === null ? { run: () => run(images) } : { problem };
    },
  },
  {
    id: "resnet18-train-4",
    title: `ResNet-18 training step at ${resnet.side} x ${resnet.side}, batch ${resnet.trainingBatch}, SGD`,
    needs: "resnetTrainer",
    otherwise: "does not train",
    work: null,
    build: async ({ resnetTrainer }) => {
      const batch = resnet.trainingBatch;
      const { step, parameters } = await resnetTrainer(resnet.weights(), batch, resnet.rate);
      const [images, labels] = [resnet.images(batch), resnet.labels(batch)];
      const loss = await step(images, labels);
      const problem = resnet.problemOfStep(loss, await parameters());
      return problem === null ? { run: () => step(images, labels) } : { problem };
    },
  },
  product(512),
];

export function product(size) {
  return {
    id: `matmul-${size}`,
    title: `dense layer ${size} x ${size} x ${size}`,
    needs: "multiplier",
    build: (contestant) => buildProduct(contestant, size),
    work: 2 * size ** 3,
  };
}

function predict(batch) {
  return {
    id: `predict-${batch}`,
    title: `LeNet-5 inference, batch ${batch}`,
    needs: "predictor",
    work: null,
    build: async ({ predictor }) => {
      const run = await predictor(fixture.lenetWeights(), batch);
      const images = fixture.images(batch);
      const problem = fixture.problemOfLogits(await run(images), batch);
      return problem === null ? { run: () => run(images) } : { problem };
    },
  };
}

/** One step on the fixture's batch of 4 is judged, loss and every gradient; batch 32 is timed. */
async function buildTraining({ trainer }) {
  const before = fixture.lenetWeights();
  const judged = await trainer(fixture.lenetWeights(), fixture.trainingBatch, rate);
  const loss = await judged.step(
    fixture.images(fixture.trainingBatch),
    fixture.labels(fixture.trainingBatch),
  );
  const problem =
    fixture.problemOfLoss(loss) ?? fixture.problemOfStep(before, await judged.parameters(), rate);
  if (problem !== null) return { problem };

  const batch = 32;
  const timed = await trainer(fixture.lenetWeights(), batch, rate);
  const images = fixture.images(batch);
  const labels = fixture.labels(batch);
  return { run: () => timed.step(images, labels) };
}

async function buildProduct({ multiplier }, size) {
  const shape = [size, size];
  const weight = fixture.fill(shape, "weight", 1);
  const x = fixture.fill(shape, "signed", 2);
  const run = await multiplier(weight, size);
  const problem = fixture.problemOfProduct(await run(x), x, weight, size);
  return problem === null ? { run: () => run(x) } : { problem };
}
