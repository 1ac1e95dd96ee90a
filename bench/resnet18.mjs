/**
 * ResNet-18 as torchvision builds it (He, Zhang, Ren and Sun, 2015), for small images: weights
 * by formula, and its answers in float64 for judging others.
 *
 * The net is written once, over a contestant's own operations, so that everybody computes
 * the same one. Invariant: along a gradient the loss rises by the gradient's length; along what a
 * contestant takes for it, if it is wrong, it does not.
 */
import { fill } from "./fixture.mjs";

export const side = 32;
export const classes = 1000;
export const trainingBatch = 4;
export const rate = 1e-4;
export const epsilon = 1e-5;

/** How far along a gradient the loss is looked at, in float64: nets this deep bend at once. */
const step = 1e-7;

/** Blocks as { name, from, width, stride }: channels before and after. */
const blocks = [64, 128, 256, 512].flatMap((width, index) => {
  const stage = `layer${index + 1}`;
  const from = index === 0 ? 64 : width / 2;
  return [
    { name: `${stage}.0`, from, width, stride: index === 0 ? 1 : 2 },
    { name: `${stage}.1`, from: width, width, stride: 1 },
  ];
});

/**
 * The logits of images.
 * @param ops conv(x, name, { stride, pad }), norm(x, name), relu, maxPool (3, stride 2, pad 1),
 *   add(x, y), globalMean, and dense(x, name), over whatever a contestant's tensors are; `fork(x)`
 *   where a tensor is used twice
 */
export function forward(ops, images) {
  let x = ops.relu(ops.norm(ops.conv(images, "conv1", { stride: 2, pad: 3 }), "bn1"));
  x = ops.maxPool(x);
  for (const { name, from, width, stride } of blocks) {
    const [input, other] = ops.fork(x);
    let y = ops.norm(ops.conv(input, `${name}.conv1`, { stride, pad: 1 }), `${name}.bn1`);
    y = ops.norm(ops.conv(ops.relu(y), `${name}.conv2`, { stride: 1, pad: 1 }), `${name}.bn2`);
    const around =
      from === width && stride === 1
        ? other
        : ops.norm(ops.conv(other, `${name}.downsample.0`, { stride, pad: 0 }), `${name}.downsample.1`);
    x = ops.relu(ops.add(y, around));
  }
  return ops.dense(ops.globalMean(x), "fc");
}

/** Whether it is learned, rather than a running statistic. */
export const isTrained = (name) => !name.includes("running_");

/** Fresh weights by name: { shape, data }. */
export function weights() {
  const made = {};
  let seed = 0;
  const add = (name, shape, kind, around = 0) => {
    const data = fill(shape, kind, seed++).map((value) => around + value);
    made[name] = { shape, data };
  };
  const conv = (name, width, from, size) => add(`${name}.weight`, [width, from, size, size], "weight");
  const norm = (name, width) => {
    add(`${name}.weight`, [width], "bias", 1);
    add(`${name}.bias`, [width], "bias");
    add(`${name}.running_mean`, [width], "bias");
    add(`${name}.running_var`, [width], "bias", 1);
  };
  conv("conv1", 64, 3, 7);
  norm("bn1", 64);
  for (const { name, from, width, stride } of blocks) {
    conv(`${name}.conv1`, width, from, 3);
    norm(`${name}.bn1`, width);
    conv(`${name}.conv2`, width, width, 3);
    norm(`${name}.bn2`, width);
    if (from === width && stride === 1) continue;
    conv(`${name}.downsample.0`, width, from, 1);
    norm(`${name}.downsample.1`, width);
  }
  add("fc.weight", [classes, 512], "weight");
  add("fc.bias", [classes], "bias");
  return made;
}

export const images = (batch) => fill([batch, 3, side, side], "signed", 1000);
export const labels = (batch) => Int32Array.from({ length: batch }, (_, index) => (97 * index + 3) % classes);

/** What is wrong with the logits of `images(batch)`; null when nothing is. */
export function problemOfLogits(found, batch) {
  const { data } = forward(reference(weights(), false), input(batch));
  if (found.length !== data.length) return `${found.length} logits instead of ${data.length}`;
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const wrong = data.findIndex((value, index) => !(Math.abs(value - found[index]) <= 1e-4 * largest));
  return wrong < 0 ? null : `logit ${wrong} is ${found[wrong]}, expected ${data[wrong]}`;
}

/** What is wrong with a step on `images(trainingBatch)`: its loss, and the parameters after it. */
export function problemOfStep(loss, after) {
  const before = weights();
  const expected = referenceLoss(before);
  if (!(Math.abs(loss - expected) <= 1e-4 * expected)) return `loss ${loss}, expected ${expected}`;
  const gradient = Object.entries(before)
    .filter(([name]) => isTrained(name))
    .map(([name, { data }]) => [name, data.map((value, index) => (value - after[name][index]) / rate)]);
  const square = gradient.reduce((sum, [, data]) => data.reduce((so, value) => so + value ** 2, sum), 0);
  const lossAt = (distance) => {
    const moved = gradient.map(([name, data]) => {
      const origin = before[name];
      const value = (slope, index) => origin.data[index] + (distance * slope) / Math.sqrt(square);
      return [name, { shape: origin.shape, data: Float64Array.from(data, value) }];
    });
    return referenceLoss({ ...before, ...Object.fromEntries(moved) });
  };
  const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
  const ratio = slope / Math.sqrt(square);
  return Math.abs(ratio - 1) <= 1e-2
    ? null
    : `along its gradient the loss rises ${ratio} times as much as the gradient says`;
}

function referenceLoss(parameters) {
  const { data } = forward(reference(parameters, true), input(trainingBatch));
  let total = 0;
  labels(trainingBatch).forEach((label, index) => {
    const row = data.subarray(classes * index, classes * (index + 1));
    const largest = row.reduce((most, value) => Math.max(most, value), -Infinity);
    total += largest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0)) - row[label];
  });
  return total / trainingBatch;
}

const input = (batch) => ({ shape: [batch, 3, side, side], data: Float64Array.from(images(batch)) });

/** The operations in float64, as their definitions say; `isTraining` takes the batch's own statistics. */
function reference(parameters, isTraining) {
  const map = ({ shape, data }, change) => ({ shape, data: data.map(change) });
  const windows = ([batch, channels, height, width], { size, stride, pad }, visit) => {
    const out = (extent) => Math.floor((extent + 2 * pad - size) / stride) + 1;
    const [outHeight, outWidth] = [out(height), out(width)];
    for (let plane = 0; plane < batch * channels; plane++)
      for (let ky = 0; ky < size; ky++)
        for (let kx = 0; kx < size; kx++)
          for (let y = 0; y < outHeight; y++) {
            const iy = y * stride + ky - pad;
            if (iy < 0 || iy >= height) continue;
            for (let x = 0; x < outWidth; x++) {
              const ix = x * stride + kx - pad;
              if (ix < 0 || ix >= width) continue;
              visit(plane, ky * size + kx, y * outWidth + x, (plane * height + iy) * width + ix);
            }
          }
    return [outHeight, outWidth];
  };
  return {
    fork: (x) => [x, x],
    relu: (x) => map(x, (value) => Math.max(value, 0)),
    add: (x, y) => map(x, (value, index) => value + y.data[index]),
    conv: ({ shape, data }, name, { stride, pad }) => {
      const { shape: kernel, data: weight } = parameters[`${name}.weight`];
      const [batch, channels, height, width] = shape;
      const [outs, , size] = kernel;
      const out = (extent) => Math.floor((extent + 2 * pad - size) / stride) + 1;
      const pixels = out(height) * out(width);
      const sums = new Float64Array(batch * outs * pixels);
      const places = size * size;
      const turned = new Float64Array(weight.length);
      for (let o = 0, at = 0; o < outs; o++)
        for (let channel = 0; channel < channels; channel++)
          for (let place = 0; place < places; place++)
            turned[(place * channels + channel) * outs + o] = weight[at++];
      windows(shape, { size, stride, pad }, (plane, place, pixel, from) => {
        const value = data[from];
        if (value === 0) return;
        const channel = plane % channels;
        // Pixel by pixel, all output channels side by side; turned around at the end.
        const first = (((plane - channel) / channels) * pixels + pixel) * outs;
        const kernelFirst = (place * channels + channel) * outs;
        for (let o = 0; o < outs; o++) sums[first + o] += value * turned[kernelFirst + o];
      });
      const result = sums.map((_, index) => {
        const [image, o] = [Math.floor(index / (outs * pixels)), Math.floor(index / pixels) % outs];
        return sums[(image * pixels + (index % pixels)) * outs + o];
      });
      return { shape: [batch, outs, out(height), out(width)], data: result };
    },
    norm: ({ shape, data }, name) => {
      const [batch, channels, height, width] = shape;
      const pixels = height * width;
      const of = (word) => parameters[`${name}.${word}`].data;
      const channelOf = (index) => Math.floor(index / pixels) % channels;
      let [mean, variance] = [of("running_mean"), of("running_var")];
      if (isTraining) {
        const average = (term) => {
          const sums = new Float64Array(channels);
          data.forEach((value, index) => (sums[channelOf(index)] += term(value, channelOf(index))));
          return sums.map((sum) => sum / (batch * pixels));
        };
        mean = average((value) => value);
        variance = average((value, channel) => (value - mean[channel]) ** 2);
      }
      return map({ shape, data }, (value, index) => {
        const channel = channelOf(index);
        const standard = (value - mean[channel]) / Math.sqrt(variance[channel] + epsilon);
        return standard * of("weight")[channel] + of("bias")[channel];
      });
    },
    maxPool: ({ shape, data }) => {
      const [batch, channels, height, width] = shape;
      const result = new Float64Array(
        (data.length / height / width) * Math.ceil(height / 2) * Math.ceil(width / 2),
      );
      const pixels = Math.ceil(height / 2) * Math.ceil(width / 2);
      // Nothing is negative after a ReLU.
      windows(shape, { size: 3, stride: 2, pad: 1 }, (plane, _, pixel, from) => {
        result[plane * pixels + pixel] = Math.max(result[plane * pixels + pixel], data[from]);
      });
      return { shape: [batch, channels, Math.ceil(height / 2), Math.ceil(width / 2)], data: result };
    },
    globalMean: ({ shape: [batch, channels, height, width], data }) => {
      const sums = new Float64Array(batch * channels);
      data.forEach((value, index) => (sums[Math.floor(index / height / width)] += value));
      return { shape: [batch, channels], data: sums.map((sum) => sum / (height * width)) };
    },
    dense: ({ shape: [batch, features], data }, name) => {
      const weight = parameters[`${name}.weight`].data;
      const bias = parameters[`${name}.bias`].data;
      const result = new Float64Array(batch * bias.length).map((_, index) => {
        const [row, column] = [Math.floor(index / bias.length), index % bias.length];
        let total = bias[column];
        for (let f = 0; f < features; f++) total += data[row * features + f] * weight[column * features + f];
        return total;
      });
      return { shape: [batch, bias.length], data: result };
    },
  };
}
