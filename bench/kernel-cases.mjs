/** The kernels that bench/kernels.mjs times: LeNet's, matrix products, ResNet's layers. */

const input = (index) => ({ kind: "input", index });
const constant = (value) => ({ kind: "constant", value });
const reduced = (index) => ({ kind: "reduced", index });
const unary = (operator, argument) => ({ kind: "unary", operator, argument });
const binary = (operator, left, right) => ({ kind: "binary", operator, left, right });
const f32 = (...strides) => ({ dataType: "f32", strides });
const biasTanh = unary("tanh", binary("add", input(0), input(1)));
/** product * (1 - y * y) */
const tanhGradient = binary(
  "multiply",
  input(0),
  binary("subtract", constant(1), binary("multiply", input(1), input(1))),
);

function conv(batch, channels, extent, outChannels, size, { stride = 1, pad = 0 } = {}) {
  const out = Math.floor((extent + 2 * pad - size) / stride) + 1;
  return {
    batch,
    channels,
    height: extent,
    width: extent,
    outChannels,
    outHeight: out,
    outWidth: out,
    size: [size, size],
    stride: [stride, stride],
    pad: [pad, pad, pad, pad],
    dilation: [1, 1],
    groups: 1,
  };
}

const forward = (geometry, epilogue = null) => ({ ...geometry, family: "conv", epilogue });
const inputGradient = (geometry, epilogue = null) => ({
  ...geometry,
  family: "conv_input_gradient",
  epilogue,
});
const weightGradient = (geometry) => ({ ...geometry, family: "conv_weight_gradient" });

function matmul(m, n, k, { transposeLeft = false, transposeRight = false, epilogue = null } = {}) {
  return { family: "matmul", m, n, k, transposeLeft, transposeRight, epilogue };
}

const pool = (family, planes, extent) => ({
  family,
  planes,
  size: [2, 2],
  stride: [2, 2],
  pad: [0, 0, 0, 0],
  height: extent,
  width: extent,
  outHeight: extent / 2,
  outWidth: extent / 2,
  countIncludesPad: true,
});

function loop(domain, operands, outputs, reducedAxes = [], reductions = []) {
  return { family: "loop", domain, reducedAxes, operands, reductions, outputs };
}

const overDomain = (expression) => ({ expression, over: "domain" });
const overKept = (expression) => ({ expression, over: "kept" });

const sum = (domain, strides, axes) =>
  loop(domain, [f32(...strides)], [overKept(reduced(0))], axes, [{ combine: "sum", expression: input(0) }]);

function crossEntropyGradient(batch, classes) {
  const shifted = unary("exp", binary("subtract", input(0), reduced(0)));
  const target = binary("equal", input(1), { kind: "coordinate", axis: 1 });
  const probability = binary("divide", shifted, reduced(1));
  return loop(
    [batch, classes],
    [f32(classes, 1), { dataType: "i32", strides: [1, 0] }],
    [overDomain(binary("multiply", binary("subtract", probability, target), constant(1 / batch)))],
    [1],
    [
      { combine: "maximum", expression: input(0) },
      { combine: "sum", expression: shifted },
    ],
  );
}

/** parameter, gradient, mean, variance, rate */
function adam(elements) {
  const mix = (old, rate, fresh) =>
    binary("add", binary("multiply", old, constant(rate)), binary("multiply", fresh, constant(1 - rate)));
  const mean = mix(input(2), 0.9, input(1));
  const variance = mix(input(3), 0.999, binary("multiply", input(1), input(1)));
  const step = binary("divide", mean, binary("add", unary("sqrt", variance), constant(1e-8)));
  const parameter = binary("subtract", input(0), binary("multiply", input(4), step));
  return loop(
    [elements],
    [f32(1), f32(1), f32(1), f32(1), f32(0)],
    [parameter, mean, variance].map(overDomain),
  );
}

const perChannel = { expression: biasTanh, operands: [f32(0, 1, 0, 0)] };
const perColumn = { expression: biasTanh, operands: [f32(0, 1)] };
const plainBias = { expression: binary("add", input(0), input(1)), operands: [f32(0, 1)] };
const timesTanhGradient = (n) => ({ expression: tanhGradient, operands: [f32(n, 1)] });
const dense = { transposeRight: true, epilogue: perColumn };

const lenetForward = (batch) => {
  const [conv1, conv2] = [conv(batch, 1, 28, 6, 5, { pad: 2 }), conv(batch, 6, 14, 16, 5)];
  return [
    { name: "conv1 + bias + tanh", spec: forward(conv1, perChannel) },
    { name: "pool1", spec: pool("avg_pool", 6 * batch, 28) },
    { name: "conv2 + bias + tanh", spec: forward(conv2, perChannel) },
    { name: "pool2", spec: pool("avg_pool", 16 * batch, 10) },
    { name: "fc1 + bias + tanh", spec: matmul(batch, 120, 400, dense) },
    { name: "fc2 + bias + tanh", spec: matmul(batch, 84, 120, dense) },
    { name: "fc3 + bias", spec: matmul(batch, 10, 84, { transposeRight: true, epilogue: plainBias }) },
  ];
};

function denseBackward(name, batch, out, into, hasInputGradient = true) {
  return [
    { name: `${name} weight gradient`, spec: matmul(out, into, batch, { transposeLeft: true }) },
    { name: `${name} bias gradient`, spec: sum([batch, out], [out, 1], [0]) },
    ...(hasInputGradient
      ? [
          {
            name: `${name} input gradient * tanh'`,
            spec: matmul(batch, into, out, { epilogue: timesTanhGradient(into) }),
          },
        ]
      : []),
  ];
}

function convBackward(name, geometry) {
  const { batch, outChannels, outHeight } = geometry;
  const plane = outHeight * outHeight;
  const shape = [batch, outChannels, plane];
  const strides = [outChannels * plane, plane, 1];
  const dense = f32(...strides);
  return [
    { name: `${name} pool gradient`, spec: pool("avg_pool_gradient", batch * outChannels, outHeight) },
    { name: `${name} tanh'`, spec: loop(shape, [dense, dense], [overDomain(tanhGradient)]) },
    { name: `${name} weight gradient`, spec: weightGradient(geometry) },
    { name: `${name} bias gradient`, spec: sum(shape, strides, [0, 2]) },
  ];
}

const lenetStep = (batch) => {
  const [conv1, conv2] = [conv(batch, 1, 28, 6, 5, { pad: 2 }), conv(batch, 6, 14, 16, 5)];
  return [
    ...lenetForward(batch),
    { name: "cross-entropy gradient", spec: crossEntropyGradient(batch, 10) },
    ...denseBackward("fc3", batch, 10, 84),
    ...denseBackward("fc2", batch, 84, 120),
    ...denseBackward("fc1", batch, 120, 400, false),
    { name: "fc1 input gradient", spec: matmul(batch, 400, 120) },
    ...convBackward("conv2", conv2),
    { name: "conv2 input gradient", spec: inputGradient(conv2) },
    ...convBackward("conv1", conv1),
    ...[48000, 10080, 2400, 840, 150, 120, 84, 16, 10, 6].map((elements) => ({
      name: `adam ${elements}`,
      spec: adam(elements),
    })),
  ];
};

const square = (size) => [
  { name: `${size} x ${size} * ${size}`, spec: matmul(size, size, size) },
  {
    name: `${size} x ${size} * ${size}, right transposed`,
    spec: matmul(size, size, size, { transposeRight: true }),
  },
  {
    name: `${size} x ${size} * ${size}, left transposed`,
    spec: matmul(size, size, size, { transposeLeft: true }),
  },
];

const resnetLayer = (name, geometry) => [
  { name: `${name}`, spec: forward(geometry) },
  { name: `${name} input gradient`, spec: inputGradient(geometry) },
  { name: `${name} weight gradient`, spec: weightGradient(geometry) },
];

export const kernelCases = [
  { title: "LeNet step, batch 32", kernels: lenetStep(32) },
  { title: "LeNet inference, batch 1", kernels: lenetForward(1) },
  { title: "LeNet inference, batch 32", kernels: lenetForward(32) },
  { title: "products", kernels: [...square(256), ...square(512), ...square(1024)] },
  {
    title: "ResNet, batch 1",
    kernels: [
      ...resnetLayer("7x7/2 3 -> 64 at 224", conv(1, 3, 224, 64, 7, { stride: 2, pad: 3 })),
      ...resnetLayer("3x3 64 at 56", conv(1, 64, 56, 64, 3, { pad: 1 })),
      ...resnetLayer("3x3/2 64 -> 128 at 56", conv(1, 64, 56, 128, 3, { stride: 2, pad: 1 })),
      ...resnetLayer("3x3 128 at 28", conv(1, 128, 28, 128, 3, { pad: 1 })),
      ...resnetLayer("3x3 256 at 14", conv(1, 256, 14, 256, 3, { pad: 1 })),
      ...resnetLayer("3x3 512 at 7", conv(1, 512, 7, 512, 3, { pad: 1 })),
      ...resnetLayer("1x1 256 -> 64 at 56", conv(1, 256, 56, 64, 1)),
      ...resnetLayer("1x1 64 -> 256 at 56", conv(1, 64, 56, 256, 1)),
      ...resnetLayer("1x1/2 256 -> 512 at 56", conv(1, 256, 56, 512, 1, { stride: 2 })),
    ],
  },
];
