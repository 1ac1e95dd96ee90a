/** Initializers that draw every weight at random: normal and uniform, He's and Xavier's. */
import * as scalar from "../expressions.js";
import type { Expression } from "../../../runtime/program/expression.js";
import type { InitializerDefinition } from "../definition.js";
import { numberOf } from "../read-settings.js";
import { standardNormal, uniformAround } from "../random-numbers.js";

const he = "He et al., 2015, Delving Deep into Rectifiers";
const xavier = "Glorot and Bengio, 2010, Understanding the Difficulty of Training Deep Feedforward Networks";

export const normal: InitializerDefinition = {
  kind: "initializer",
  name: "normal",
  documentation: {
    summary: "Normal numbers around 0; also the distribution of `sample z[N, 100] ~ normal`.",
    formula: "w ~ Normal(0, std^2)",
    source: "Box and Muller, 1958, A Note on the Generation of Random Normal Deviates",
  },
  settings: [
    { name: "std", type: "float", default: 1, minimum: 0, documentation: "The standard deviation." },
  ],
  value: ({ settings, stream }) => scaledNormal(numberOf(settings, "std"), stream),
};

export const uniform: InitializerDefinition = {
  kind: "initializer",
  name: "uniform",
  documentation: {
    summary: "Numbers between -bound and bound, all equally likely.",
    formula: "w ~ Uniform(-bound, bound)",
    source: "",
  },
  settings: [
    { name: "bound", type: "float", default: 1, minimum: 0, documentation: "The largest magnitude." },
  ],
  value: ({ settings, stream }) => uniformAround(0, numberOf(settings, "bound"), stream),
};

export const randomInitializers: readonly InitializerDefinition[] = [
  normal,
  uniform,
  byFans(
    "he_normal",
    "Normal(0, 2 / fan_in)",
    "Keeps the spread of values through ReLU layers.",
    he,
    (fans, stream) => scaledNormal(Math.sqrt(2 / fans.in), stream),
  ),
  byFans(
    "he_uniform",
    "Uniform(-b, b), b = sqrt(6 / fan_in)",
    "As he_normal, with uniform numbers.",
    he,
    (fans, stream) => uniformAround(0, Math.sqrt(6 / fans.in), stream),
  ),
  byFans(
    "xavier_normal",
    "Normal(0, 2 / (fan_in + fan_out))",
    "Keeps the spread of values and of gradients through layers that are linear near 0.",
    xavier,
    (fans, stream) => scaledNormal(Math.sqrt(2 / (fans.in + fans.out)), stream),
  ),
  byFans(
    "xavier_uniform",
    "Uniform(-b, b), b = sqrt(6 / (fan_in + fan_out))",
    "As xavier_normal, with uniform numbers.",
    xavier,
    (fans, stream) => uniformAround(0, Math.sqrt(6 / (fans.in + fans.out)), stream),
  ),
];

interface Fans {
  readonly in: number;
  readonly out: number;
}

function byFans(
  name: string,
  distribution: string,
  summary: string,
  source: string,
  value: (fans: Fans, stream: number) => Expression,
): InitializerDefinition {
  return {
    kind: "initializer",
    name,
    documentation: { summary, formula: `w ~ ${distribution}`, source },
    settings: [],
    value: ({ shape, stream }) => value(fansOf(shape), stream),
  };
}

/** Inputs and outputs per unit, as PyTorch counts them: [out, in, window...]. */
function fansOf(shape: readonly number[]): Fans {
  const [first = 1, second = first, ...window] = shape;
  const positions = window.reduce((product, size) => product * size, 1);
  return { in: second * positions, out: first * positions };
}

function scaledNormal(deviation: number, stream: number): Expression {
  return scalar.multiply(deviation, standardNormal(stream));
}
