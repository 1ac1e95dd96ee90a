/**
 * A training session without a compiler: softmax regression with momentum and noise,
 * in float32. Small, but with everything that makes resuming hard: optimizer state,
 * running statistics, randomness by step, a schedule over the run's length.
 */
import type { BatchInputs } from "../../runtime/data/batches.js";
import type { Dataset } from "../../runtime/data/dataset.js";
import { matchInputs, type InputDeclaration, type MatchedData } from "../../runtime/data/match-inputs.js";
import { UserError } from "../../runtime/program/user-error.js";
import { threefry, uniform } from "../../runtime/program/threefry.js";
import type { Tensor } from "../../runtime/tensor.js";
import type { RunLength, TrainingSession } from "../../runtime/train/training-session.js";

const features = 6;
const classes = 3;

const inputs: readonly InputDeclaration[] = [
  { name: "x", dataType: "f32", shape: [features], limit: null },
  { name: "label", dataType: "i32", shape: [], limit: classes },
];

export interface FakeOptions {
  /** From this step on the loss is NaN. */
  readonly breaksAt?: number;
  /** This step's update spoils the weights; its own loss is from before. */
  readonly spoilsAt?: number;
  readonly identity?: string;
  /** A rate that stays, instead of one that falls over the length of the run. */
  readonly rate?: number;
  /** Called before every step. */
  readonly onStep?: (step: number) => void;
}

export function createFakeSession(options: FakeOptions = {}): TrainingSession {
  const buffers = new Map<string, Float32Array>([
    ["Fake.weight", new Float32Array(classes * features)],
    ["Fake.mean", new Float32Array(features)],
    ["momentum/Fake.weight", new Float32Array(classes * features)],
  ]);
  let run: RunLength = { seed: 0, steps: 1, epochSteps: 1 };
  const weight = buffers.get("Fake.weight")!;
  const mean = buffers.get("Fake.mean")!;
  const momentum = buffers.get("momentum/Fake.weight")!;

  const probabilities = (x: Float32Array, row: number): number[] => {
    const logits = Array.from({ length: classes }, (_, c) => {
      let sum = 0;
      for (let i = 0; i < features; i++)
        sum += weight[c * features + i]! * (x[row * features + i]! - mean[i]!);
      return sum;
    });
    const exponentials = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
    const total = exponentials.reduce((sum, value) => sum + value, 0);
    return exponentials.map((value) => value / total);
  };

  return {
    section: "fake",
    inputs,
    losses: ["loss"],
    metrics: ["loss", "accuracy"],
    identity: options.identity ?? "fake-1",
    dependsOnLength: options.rate === undefined,
    initialize: (length) => {
      run = length;
      for (const buffer of buffers.values()) buffer.fill(0);
      for (let i = 0; i < weight.length; i++) weight[i] = uniform(run.seed, 1, i, 0) - 0.5;
    },
    step: (batch, step) => {
      options.onStep?.(step);
      const { x, labels, count } = unpack(batch);
      const rate = options.rate ?? 0.3 * (1 - step / run.steps);
      let loss = 0;
      const gradient = new Float64Array(weight.length);
      for (let row = 0; row < count; row++) {
        const p = probabilities(x, row);
        loss -= Math.log(p[labels[row]!]!);
        for (let c = 0; c < classes; c++) {
          const error = (p[c]! - (c === labels[row] ? 1 : 0)) / count;
          for (let i = 0; i < features; i++) gradient[c * features + i]! += error * x[row * features + i]!;
        }
        for (let i = 0; i < features; i++) mean[i] = 0.99 * mean[i]! + 0.01 * x[row * features + i]!;
      }
      for (let i = 0; i < weight.length; i++) {
        const noise = 0.01 * (uniform(run.seed, 2, i, step) - 0.5);
        momentum[i] = 0.9 * momentum[i]! + gradient[i]! + noise;
        weight[i] = weight[i]! - rate * momentum[i]!;
      }
      if (step === options.spoilsAt) weight.fill(NaN);
      return [step >= (options.breaksAt ?? Infinity) ? NaN : Math.fround(loss / count)];
    },
    evaluate: (batch) => {
      const { x, labels, count } = unpack(batch);
      let correct = 0;
      let loss = 0;
      for (let row = 0; row < count; row++) {
        const p = probabilities(x, row);
        if (p.indexOf(Math.max(...p)) === labels[row]) correct++;
        loss -= Math.log(p[labels[row]!]!);
      }
      return [Math.fround(loss / count), Math.fround(correct / count)];
    },
    state: () => new Map([...buffers].map(([name, data]) => [name, tensor(data)])),
    restore: (state, length) => {
      run = length;
      for (const [name, buffer] of buffers) {
        const saved = state.get(name);
        if (saved?.data.length !== buffer.length) throw new UserError(`${name} is missing`);
        buffer.set(saved.data);
      }
    },
    weights: () => new Map([["weight", { shape: [classes, features], data: weight.slice() }]]),
  };
}

function tensor(data: Float32Array): Tensor {
  return { shape: [data.length], data: data.slice() };
}

function unpack(batch: BatchInputs): { x: Float32Array; labels: Int32Array; count: number } {
  const { x, label } = batch;
  if (!(x instanceof Float32Array) || !(label instanceof Int32Array)) throw new Error("wrong inputs");
  return { x, labels: label, count: label.length };
}

/** Three noisy clusters: 203 training and 50 test examples. */
export function fakeData(seed = 1): MatchedData {
  const split = (name: "train" | "test", first: number, count: number): Dataset["train"] => {
    const x = new Float32Array(count * features);
    const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
    for (let i = 0; i < x.length; i++) {
      const [row, column] = [Math.floor(i / features), i % features];
      const centre = column % classes === labels[row] ? 0.7 : 0;
      x[i] = centre + threefry(seed, 3, first + row, column)[0] / 2 ** 32 - 0.5;
    }
    const arrays = [
      { name: "x", source: "fake", shape: [features], values: { kind: "numbers" as const, data: x } },
      { name: "label", source: "fake", shape: [], values: { kind: "integers" as const, data: labels } },
    ];
    return { name, count, arrays };
  };
  const dataset = {
    name: "fake",
    train: split("train", 0, 203),
    validation: null,
    test: split("test", 203, 50),
    notes: [],
  };
  return matchInputs(inputs, dataset);
}
