/**
 * jax-js on its WebAssembly backend (one thread in Node) or WebGPU, everything under `jit`.
 * Its functions own their arguments: `.ref` keeps one for later.
 */
import { defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad, tree } from "@jax-js/jax";

import * as resnet from "../resnet18.mjs";

export const prepare = () => start("wasm");

export async function start(device) {
  const devices = await init(device);
  if (!devices.includes(device)) throw new Error(`the ${device} backend does not start`);
  defaultDevice(device);
}

const toArrays = (weights) =>
  Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => [name, np.array(data).reshape(shape)]),
  );

/** The mean over 2 x 2 windows, as a mean over two axes: faster here than reduceWindow. */
const pool = (x) => {
  const [batch, channels, height, width] = x.shape;
  return np.mean(x.reshape([batch, channels, height / 2, 2, width / 2, 2]), [3, 5]);
};

function forward(w, images) {
  const conv = (x, layer, pad) =>
    lax
      .convGeneralDilated(
        x,
        w[`${layer}.weight`],
        [1, 1],
        [
          [pad, pad],
          [pad, pad],
        ],
      )
      .add(w[`${layer}.bias`].reshape([1, -1, 1, 1]));
  const dense = (x, layer) => np.matmul(x, w[`${layer}.weight`].transpose()).add(w[`${layer}.bias`]);
  const batch = images.shape[0];
  let x = pool(np.tanh(conv(images, "conv1", 2)));
  x = pool(np.tanh(conv(x, "conv2", 0)));
  x = np.tanh(dense(x.reshape([batch, 400]), "fc1"));
  x = np.tanh(dense(x, "fc2"));
  return dense(x, "fc3");
}

export async function predictor(weights, batch) {
  const arrays = toArrays(weights);
  const predict = jit(forward);
  return (images) => predict(tree.ref(arrays), np.array(images).reshape([batch, 1, 28, 28])).data();
}

export async function trainer(weights, batch, rate) {
  let arrays = toArrays(weights);
  const loss = (w, images, targets) =>
    nn
      .logSoftmax(forward(w, images))
      .mul(targets)
      .sum()
      .mul(-1 / batch);
  const update = jit((w, images, targets) => {
    const [value, gradients] = valueAndGrad(loss)(tree.ref(w), images, targets);
    return [value, tree.map((weight, gradient) => weight.sub(gradient.mul(rate)), w, gradients)];
  });
  return {
    step: async (images, labels) => {
      const targets = nn.oneHot(np.array(labels), 10);
      const [value, next] = update(arrays, np.array(images).reshape([batch, 1, 28, 28]), targets);
      arrays = next;
      return (await value.data())[0];
    },
    parameters: () => readAll(arrays),
  };
}

export async function multiplier(weight, size) {
  const w = np.array(weight).reshape([size, size]);
  const multiply = jit((x, w) => np.matmul(x, w.transpose()));
  return (x) => multiply(np.array(x).reshape([size, size]), w.ref).data();
}

export async function convolver(weight, { channels, width, size, stride, side }) {
  const w = np.array(weight).reshape([width, channels, size, size]);
  const pad = (size - 1) / 2;
  const convolve = jit((x, w) =>
    lax.convGeneralDilated(
      x,
      w,
      [stride, stride],
      [
        [pad, pad],
        [pad, pad],
      ],
    ),
  );
  return (x) => convolve(np.array(x).reshape([1, channels, side, side]), w.ref).data();
}

/** The operations of ResNet-18; `w` lends its arrays. */
function resnetOps(w, isTraining) {
  const of = (name) => w[name].ref;
  const perChannel = (x) => x.reshape([1, -1, 1, 1]);
  return {
    fork: (x) => [x.ref, x],
    relu: nn.relu,
    add: (x, y) => x.add(y),
    conv: (x, name, { stride, pad }) =>
      lax.convGeneralDilated(
        x,
        of(`${name}.weight`),
        [stride, stride],
        [
          [pad, pad],
          [pad, pad],
        ],
      ),
    norm: (x, name) => {
      let mean, variance;
      if (isTraining) {
        mean = np.mean(x.ref, [0, 2, 3], { keepdims: true });
        variance = np.mean(np.square(x.ref.sub(mean.ref)), [0, 2, 3], { keepdims: true });
      } else {
        mean = perChannel(of(`${name}.running_mean`));
        variance = perChannel(of(`${name}.running_var`));
      }
      const scale = perChannel(of(`${name}.weight`)).div(np.sqrt(variance.add(resnet.epsilon)));
      return x
        .sub(mean)
        .mul(scale)
        .add(perChannel(of(`${name}.bias`)));
    },
    maxPool: (x) =>
      lax.reduceWindow(
        np.pad(x, [
          [0, 0],
          [0, 0],
          [1, 1],
          [1, 1],
        ]),
        (window) => np.max(window),
        [1, 1, 3, 3],
        [1, 1, 2, 2],
      ),
    globalMean: (x) => np.mean(x, [2, 3]),
    dense: (x, name) => np.matmul(x, of(`${name}.weight`).transpose()).add(of(`${name}.bias`)),
  };
}

const resnetImages = (data, batch) => np.array(data).reshape([batch, 3, resnet.side, resnet.side]);

export async function resnetPredictor(weights, batch) {
  const arrays = toArrays(weights);
  const predict = jit((w, x) => resnet.forward(resnetOps(w, false), x));
  return (images) => predict(tree.ref(arrays), resnetImages(images, batch)).data();
}

export async function resnetTrainer(weights, batch, rate) {
  let arrays = toArrays(
    Object.fromEntries(Object.entries(weights).filter(([name]) => resnet.isTrained(name))),
  );
  const loss = (w, x, targets) =>
    nn
      .logSoftmax(resnet.forward(resnetOps(w, true), x))
      .mul(targets)
      .sum()
      .mul(-1 / batch);
  const update = jit((w, x, targets) => {
    const [value, gradients] = valueAndGrad(loss)(tree.ref(w), x, targets);
    return [value, tree.map((weight, gradient) => weight.sub(gradient.mul(rate)), w, gradients)];
  });
  return {
    step: async (images, labels) => {
      const targets = nn.oneHot(np.array(labels), resnet.classes);
      const [value, next] = update(arrays, resnetImages(images, batch), targets);
      arrays = next;
      return (await value.data())[0];
    },
    parameters: () => readAll(arrays),
  };
}

async function readAll(arrays) {
  const all = Object.entries(arrays).map(async ([name, array]) => [name, await array.ref.data()]);
  return Object.fromEntries(await Promise.all(all));
}
