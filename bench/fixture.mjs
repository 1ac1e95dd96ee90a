/**
 * LeNet-5 as the fixtures describe it: weights, images and labels by formula, and
 * the answers that PyTorch gives for them in float64.
 *
 * Invariant: nobody is timed before the very function that will be timed has given
 * these answers.
 */
import { readFileSync } from "node:fs";

const fixture = JSON.parse(
  readFileSync(new URL("../test/fixtures/models/lenet5.json", import.meta.url), "utf8"),
);

/** Largest error of a float32 implementation, relative to the largest magnitude. */
const tolerance = 1e-4;

/** Uniform in [0, 1): a hash of the flat index and the seed. */
function uniform(index, seed) {
  let x = (index + Math.imul(seed, 0x9e3779b9)) >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  x ^= x >>> 16;
  return (x >>> 0) / 2 ** 32;
}

/** A tensor filled by the fixtures' rule, row-major. */
export function fill(shape, kind, seed) {
  const count = shape.reduce((product, size) => product * size, 1);
  const bound = { weight: Math.sqrt((6 * shape[0]) / count), bias: 0.1, signed: 1 }[kind];
  if (bound === undefined) throw new Error(`the benchmark needs no ${kind}`);
  return Float32Array.from({ length: count }, (_, index) => (2 * uniform(index, seed) - 1) * bound);
}

/** Fresh copies of the weights by name: `conv1.weight` -> { shape, data }. */
export function lenetWeights() {
  return Object.fromEntries(
    fixture.parameters.map(({ name, shape, kind, seed }) => [name, { shape, data: fill(shape, kind, seed) }]),
  );
}

/** [batch, 1, 28, 28]; the first four are the fixture's. */
export function images(batch) {
  return fill([batch, ...fixture.input.shape.slice(1)], fixture.input.kind, fixture.input.seed);
}

export function labels(batch) {
  return Int32Array.from({ length: batch }, (_, index) => (7 * index + 3) % 10);
}

/** What is wrong with the logits of `images(batch)`; null when nothing is. */
export function problemOfLogits(logits, batch) {
  if (logits.length !== 10 * batch) return `${logits.length} logits instead of ${10 * batch}`;
  const { first, last, absmax } = fixture.inference.output;
  // The digest of [4, 10] holds the first and the last row.
  for (const [image, row] of [
    [0, first],
    [3, last],
  ]) {
    if (image >= batch) continue;
    for (const [column, expected] of row.entries()) {
      const found = logits[10 * image + column];
      if (!(Math.abs(found - expected) <= tolerance * absmax)) {
        return `logit ${column} of image ${image} is ${found}, expected ${expected}`;
      }
    }
  }
  return null;
}

/** What is wrong with the loss of the fixture's batch of four; null when nothing is. */
export function problemOfLoss(loss) {
  const expected = fixture.training.loss;
  return Math.abs(loss - expected) <= tolerance * expected ? null : `loss ${loss}, expected ${expected}`;
}

/** The batch size that the fixture's gradients are given for. */
export const trainingBatch = 4;

/**
 * What is wrong with parameters after one step of plain gradient descent on the
 * fixture's batch: their change, divided by the rate, must be the gradient.
 */
export function problemOfStep(before, after, rate) {
  for (const expected of fixture.training.gradients) {
    const weights = before[expected.name].data;
    const updated = after[expected.name];
    if (updated?.length !== weights.length) return `${expected.name} has ${updated?.length} elements`;
    const gradient = Float64Array.from(weights, (weight, index) => (weight - updated[index]) / rate);
    // A float32 weight cannot hold the change more exactly than this.
    const rounding = (weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0) * 2 ** -23) / rate;
    const problem = problemOfDigest(gradient, expected, rounding);
    if (problem !== null) return `gradient of ${expected.name}: ${problem}`;
  }
  return null;
}

function problemOfDigest(values, digest, rounding) {
  const l2 = Math.sqrt(values.reduce((total, value) => total + value * value, 0));
  const sum = values.reduce((total, value) => total + value, 0);
  const absmax = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const near = (found, expected, allowed) => Math.abs(found - expected) <= allowed;
  const each = tolerance * digest.absmax + rounding;
  const root = Math.sqrt(values.length);
  if (!near(l2, digest.l2, tolerance * digest.l2 + rounding * root))
    return `norm ${l2}, expected ${digest.l2}`;
  if (!near(sum, digest.sum, root * (tolerance * digest.l2 + rounding * root)))
    return `sum ${sum}, expected ${digest.sum}`;
  if (!near(absmax, digest.absmax, each)) return `largest ${absmax}, expected ${digest.absmax}`;
  const ends = [
    ...digest.first.map((value, index) => [values[index], value]),
    ...digest.last.map((value, index) => [values[values.length - digest.last.length + index], value]),
  ];
  const wrong = ends.find(([found, expected]) => !near(found, expected, each));
  return wrong === undefined ? null : `an element is ${wrong[0]}, expected ${wrong[1]}`;
}

/** What is wrong with y = x w^T, both square, judged on three rows; null when nothing is. */
export function problemOfProduct(y, x, weight, size) {
  if (y.length !== size * size) return `${y.length} elements instead of ${size * size}`;
  for (const row of [0, size >> 1, size - 1]) {
    for (let column = 0; column < size; column++) {
      let expected = 0;
      for (let k = 0; k < size; k++) expected += x[row * size + k] * weight[column * size + k];
      const found = y[row * size + column];
      if (!(Math.abs(found - expected) <= tolerance))
        return `element ${row}, ${column} is ${found}, expected ${expected}`;
    }
  }
  return null;
}
