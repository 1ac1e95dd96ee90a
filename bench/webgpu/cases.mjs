/** What is measured on WebGPU: the cases of the CPU, ResNet-18, and single convolutions of ResNet, batch 1. */
import { cases as cpuCases, product } from "../cases.mjs";
import { fill } from "../fixture.mjs";

const layers = [
  { channels: 64, width: 64, size: 3, stride: 1, side: 56 },
  { channels: 128, width: 128, size: 3, stride: 1, side: 28 },
  { channels: 256, width: 256, size: 3, stride: 1, side: 14 },
  { channels: 512, width: 512, size: 3, stride: 1, side: 7 },
  { channels: 64, width: 128, size: 1, stride: 2, side: 56 },
];

export const cases = [
  ...cpuCases.filter(({ id }) => id !== "matmul-512"),
  product(256),
  product(512),
  ...layers.map(convolution),
];

function convolution(layer) {
  const { channels, width, size, stride, side } = layer;
  return {
    id: `conv-${channels}-${width}-${size}x${size}`,
    title: `convolution ${size}x${size}, ${channels} to ${width} channels of ${side} x ${side}, stride ${stride}`,
    needs: "convolver",
    otherwise: "has no case for it",
    work: 2 * channels * width * size ** 2 * (side / stride) ** 2,
    build: async ({ convolver }) => {
      const weight = fill([width, channels, size, size], "weight", 1);
      const x = fill([1, channels, side, side], "signed", 2);
      const run = await convolver(weight, layer);
      const problem = problemOfConvolution(await run(x), x, weight, layer);
      return problem === null ? { run: () => run(x) } : { problem };
    },
  };
}

/** Judged on a few channels at the corners and in the middle; null when nothing is wrong. */
function problemOfConvolution(y, x, weight, { channels, width, size, stride, side }) {
  const out = side / stride;
  if (y.length !== width * out * out) return `${y.length} elements instead of ${width * out * out}`;
  const pad = (size - 1) / 2;
  const places = [0, out >> 1, out - 1];
  for (const channel of [0, width >> 1, width - 1]) {
    for (const row of places) {
      for (const column of places) {
        let expected = 0;
        for (let c = 0; c < channels; c++) {
          for (let ky = 0; ky < size; ky++) {
            for (let kx = 0; kx < size; kx++) {
              const [iy, ix] = [row * stride + ky - pad, column * stride + kx - pad];
              if (iy < 0 || ix < 0 || iy >= side || ix >= side) continue;
              expected +=
                weight[((channel * channels + c) * size + ky) * size + kx] * x[(c * side + iy) * side + ix];
            }
          }
        }
        const found = y[(channel * out + row) * out + column];
        if (!(Math.abs(found - expected) <= 1e-4)) {
          return `element ${channel}, ${row}, ${column} is ${found}, expected ${expected}`;
        }
      }
    }
  }
  return null;
}
