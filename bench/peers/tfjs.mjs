/**
 * TensorFlow.js: eager, NHWC. The weights are brought into its layout once, before
 * anything is timed.
 */
import tf from "@tensorflow/tfjs";
import * as resnet from "../resnet18.mjs";

/** Starts the backend, "wasm" or "cpu" on one thread, or "webgpu". */
export async function start(backend) {
  if (backend === "wasm") {
    const { setThreadsCount } = await import("@tensorflow/tfjs-backend-wasm");
    setThreadsCount(1);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`the ${backend} backend does not start`);
  await tf.ready();
}

/** [out, in, height, width] -> [height, width, in, out], and back with `inverse`. */
const convOrder = [2, 3, 1, 0];
const convInverse = [3, 2, 0, 1];

/** A weight as TensorFlow.js wants it. */
function toTensor({ shape, data }, name) {
  const tensor = tf.tensor(data, shape);
  if (shape.length === 4) return tf.transpose(tensor, convOrder);
  // The features come in the order height, width, channel here.
  if (name === "fc1.weight") {
    const features = tf.transpose(tf.reshape(tensor, [120, 16, 5, 5]), [2, 3, 1, 0]);
    return tf.reshape(features, [400, 120]);
  }
  return shape.length === 2 ? tf.transpose(tensor) : tensor;
}

/** The elements of a weight in the order of the fixture. */
function fromTensor(tensor, name) {
  if (tensor.rank === 4) return tf.transpose(tensor, convInverse);
  if (name === "fc1.weight") return tf.transpose(tf.reshape(tensor, [5, 5, 16, 120]), [3, 2, 0, 1]);
  return tensor.rank === 2 ? tf.transpose(tensor) : tensor;
}

function forward(weights, images, batch) {
  const conv = (x, layer, pad) =>
    tf.add(tf.conv2d(x, weights[`${layer}.weight`], 1, pad), weights[`${layer}.bias`]);
  const dense = (x, layer) => tf.add(tf.matMul(x, weights[`${layer}.weight`]), weights[`${layer}.bias`]);
  let x = tf.avgPool(tf.tanh(conv(images, "conv1", "same")), 2, 2, "valid");
  x = tf.avgPool(tf.tanh(conv(x, "conv2", "valid")), 2, 2, "valid");
  x = tf.tanh(dense(tf.reshape(x, [batch, 400]), "fc1"));
  x = tf.tanh(dense(x, "fc2"));
  return dense(x, "fc3");
}

export async function predictor(weights, batch) {
  const tensors = mapValues(weights, toTensor);
  return (images) => read(() => forward(tensors, tf.tensor4d(images, [batch, 28, 28, 1]), batch));
}

export async function trainer(weights, batch, rate) {
  return training(weights, (variables) => (x) => forward(variables, x, batch), {
    batch,
    rate,
    classes: 10,
    imagesOf: (images) => tf.tensor4d(images, [batch, 28, 28, 1]),
  });
}

function training(weights, forwardWith, { batch, rate, classes, imagesOf }) {
  const variables = mapValues(weights, (weight, name) => tf.variable(toTensor(weight, name)));
  const optimizer = tf.train.sgd(rate);
  const logitsOf = forwardWith(variables);
  return {
    step: async (images, labels) => {
      const [loss] = await read(() => {
        const x = imagesOf(images, batch);
        const target = tf.oneHot(tf.tensor1d(labels, "int32"), classes);
        return optimizer.minimize(
          () => tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logitsOf(x))), 1))),
          true,
          Object.values(variables),
        );
      });
      return loss;
    },
    parameters: async () => {
      const all = mapValues(variables, (variable, name) => read(() => tf.clone(fromTensor(variable, name))));
      return Object.fromEntries(
        await Promise.all(Object.entries(all).map(async ([name, elements]) => [name, await elements])),
      );
    },
  };
}

export async function multiplier(weight, size) {
  const tensor = tf.transpose(tf.tensor2d(weight, [size, size]));
  return (x) => read(() => tf.matMul(tf.tensor2d(x, [size, size]), tensor));
}

/** The operations of ResNet-18, NHWC. */
function resnetOps(weights, isTraining) {
  return {
    fork: (x) => [x, x],
    relu: tf.relu,
    add: tf.add,
    conv: (x, name, { stride, pad }) => tf.conv2d(x, weights[`${name}.weight`], stride, pad),
    norm: (x, name) => {
      const { mean, variance } = isTraining
        ? tf.moments(x, [0, 1, 2])
        : { mean: weights[`${name}.running_mean`], variance: weights[`${name}.running_var`] };
      return tf.batchNorm(
        x,
        mean,
        variance,
        weights[`${name}.bias`],
        weights[`${name}.weight`],
        resnet.epsilon,
      );
    },
    maxPool: (x) => tf.maxPool(x, 3, 2, 1),
    globalMean: (x) => tf.mean(x, [1, 2]),
    dense: (x, name) => tf.add(tf.matMul(x, weights[`${name}.weight`]), weights[`${name}.bias`]),
  };
}

/** NCHW outside, NHWC inside. */
const resnetImages = (data, batch) =>
  tf.transpose(tf.tensor4d(data, [batch, 3, resnet.side, resnet.side]), [0, 2, 3, 1]);

export async function resnetPredictor(weights, batch) {
  const tensors = mapValues(weights, toTensor);
  return (images) => read(() => resnet.forward(resnetOps(tensors, false), resnetImages(images, batch)));
}

export async function resnetTrainer(weights, batch, rate) {
  const trained = Object.fromEntries(Object.entries(weights).filter(([name]) => resnet.isTrained(name)));
  const forwardWith = (variables) => (x) => resnet.forward(resnetOps(variables, true), x);
  return training(trained, forwardWith, { batch, rate, classes: resnet.classes, imagesOf: resnetImages });
}

/** NCHW outside, NHWC inside; the weight is brought there once. */
export async function convolver(weight, { channels, width, size, stride, side }) {
  const kernel = tf.transpose(tf.tensor(weight, [width, channels, size, size]), convOrder);
  const pad = (size - 1) / 2;
  return (x) =>
    read(() => {
      const image = tf.transpose(tf.tensor4d(x, [1, channels, side, side]), [0, 2, 3, 1]);
      return tf.transpose(tf.conv2d(image, kernel, stride, pad), [0, 3, 1, 2]);
    });
}

/** The elements of the one tensor that is made, on a GPU later; the others are disposed of. */
function read(make) {
  // Only the tensor leaves `tidy`, which would search an array of numbers for tensors.
  const result = tf.tidy(make);
  if (tf.getBackend() === "webgpu") return result.data().finally(() => result.dispose());
  const elements = result.dataSync();
  result.dispose();
  return elements;
}

function mapValues(record, change) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
