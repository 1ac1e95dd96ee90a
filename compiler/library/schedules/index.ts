/** Learning rates as functions of the step; they advance with every step. */
import * as scalar from "../expressions.js";
import type { ScheduleDefinition } from "../definition.js";
import { numberOf, optionalNumber, rateOf } from "../read-settings.js";
import {
  cosineBetween,
  durationOf,
  lengthOf,
  lengthSettings,
  progressOf,
  rateSetting,
  step,
  unitSetting,
} from "./shared.js";

const stepwise: ScheduleDefinition = {
  kind: "schedule",
  name: "step",
  documentation: {
    summary: "Multiplies the rate by a factor at regular intervals.",
    formula: "rate * by^floor(step / every)",
    source: "",
  },
  settings: [
    rateSetting("rate", "The rate at first."),
    { name: "every", type: "float", minimum: 0, documentation: "How long a rate stays." },
    { name: "by", type: "float", minimum: 0, documentation: "The factor." },
    unitSetting,
  ],
  rate: (settings) => {
    const times = scalar.floor(scalar.divide(step, durationOf(settings, numberOf(settings, "every"))));
    return scalar.multiply(rateOf(settings, "rate"), scalar.power(numberOf(settings, "by"), times));
  },
};

const cosine: ScheduleDefinition = {
  kind: "schedule",
  name: "cosine",
  documentation: {
    summary: "Lets the rate fall along half a cosine.",
    formula: "to + (rate - to) * (1 + cos(pi * step / steps)) / 2",
    source: "Loshchilov and Hutter, 2017, SGDR: Stochastic Gradient Descent with Warm Restarts",
  },
  settings: [
    rateSetting("rate", "The rate at first."),
    {
      name: "to",
      type: "float",
      default: 0,
      minimum: 0,
      documentation: "The rate at the end.",
      mistakenFor: "How long it takes is the length of the run, or `epochs=` or `steps=`.",
    },
    ...lengthSettings,
  ],
  rate: (settings) =>
    cosineBetween(rateOf(settings, "rate"), scalar.constant(numberOf(settings, "to")), progressOf(settings)),
};

const linear: ScheduleDefinition = {
  kind: "schedule",
  name: "linear",
  documentation: {
    summary: "Goes evenly from one rate to another, and stays there.",
    formula: "from + (to - from) * min(step / steps, 1)",
    source: "",
  },
  settings: [
    { name: "from", type: "float", minimum: 0, documentation: "The rate at first." },
    { name: "to", type: "float", minimum: 0, documentation: "The rate at the end." },
    ...lengthSettings,
  ],
  rate: (settings) => {
    const from = numberOf(settings, "from");
    return scalar.add(from, scalar.multiply(numberOf(settings, "to") - from, progressOf(settings)));
  },
};

const inverseSqrt: ScheduleDefinition = {
  kind: "schedule",
  name: "inverse_sqrt",
  documentation: {
    summary: "Keeps the rate for a while, then lets it fall with the root of the steps.",
    formula: "rate * sqrt(over / max(step + 1, over))",
    source: "Vaswani et al., 2017, Attention Is All You Need",
  },
  settings: [
    rateSetting("rate", "The rate at first."),
    {
      name: "over",
      type: "float",
      default: 1,
      minimum: 0,
      documentation: "How long the rate is kept; give `warmup` around it the same.",
    },
    unitSetting,
  ],
  rate: (settings) => {
    const over = durationOf(settings, numberOf(settings, "over"));
    const fall = scalar.divide(over, scalar.maximum(scalar.add(step, 1), over));
    return scalar.multiply(rateOf(settings, "rate"), scalar.sqrt(fall));
  },
};

const cyclical: ScheduleDefinition = {
  kind: "schedule",
  name: "cyclical",
  documentation: {
    summary: "Goes evenly up and down between two rates.",
    formula: "low + (high - low) * (1 - |step / half - 2 * floor((1 + step / half) / 2)|)",
    source: "Smith, 2017, Cyclical Learning Rates for Training Neural Networks",
  },
  settings: [
    { name: "low", type: "float", minimum: 0, documentation: "The rate at first and at the bottom." },
    { name: "high", type: "float", minimum: 0, documentation: "The rate at the top." },
    { name: "half", type: "float", minimum: 0, documentation: "How long it takes from one to the other." },
    unitSetting,
  ],
  rate: (settings) => {
    const low = numberOf(settings, "low");
    const halves = scalar.divide(step, durationOf(settings, numberOf(settings, "half")));
    const cycle = scalar.floor(scalar.divide(scalar.add(1, halves), 2));
    const fromTop = scalar.abs(scalar.subtract(halves, scalar.multiply(2, cycle)));
    // Cycles begin at the bottom: at even halves the rate is low, at odd ones high.
    return scalar.add(low, scalar.multiply(numberOf(settings, "high") - low, fromTop));
  },
};

const oneCycle: ScheduleDefinition = {
  kind: "schedule",
  name: "one_cycle",
  documentation: {
    summary: "Rises to a peak along a cosine, then falls to almost nothing.",
    formula:
      "start to peak over the first `rise` of the run, peak to start / 10,000 over the rest, each along half a cosine",
    source: "Smith and Topin, 2018, Super-Convergence",
  },
  settings: [
    { name: "peak", type: "float", minimum: 0, documentation: "The highest rate." },
    {
      name: "start",
      type: "float",
      default: null,
      minimum: 0,
      documentation: "The rate at first; peak / 25 by default.",
    },
    {
      name: "rise",
      type: "float",
      default: 0.3,
      minimum: 0,
      maximum: 1,
      documentation: "The part of the run that rises.",
    },
    ...lengthSettings,
  ],
  rate: (settings) => {
    const peak = numberOf(settings, "peak");
    const start = optionalNumber(settings, "start") ?? peak / 25;
    const length = lengthOf(settings);
    // The first step is at position 0 of the rise, the last at position 1 of the fall.
    const top = scalar.subtract(scalar.multiply(numberOf(settings, "rise"), length), 1);
    const end = scalar.subtract(length, 1);
    const shortest = 1e-6;
    const rising = scalar.divide(step, scalar.maximum(top, shortest));
    const falling = scalar.divide(
      scalar.subtract(step, top),
      scalar.maximum(scalar.subtract(end, top), shortest),
    );
    return scalar.select(
      scalar.lessEqual(step, top),
      cosineBetween(scalar.constant(start), scalar.constant(peak), rising),
      cosineBetween(scalar.constant(peak), scalar.constant(start / 1e4), scalar.minimum(falling, 1)),
    );
  },
};

const warmup: ScheduleDefinition = {
  kind: "schedule",
  name: "warmup",
  documentation: {
    summary: "Raises another schedule's rate evenly from almost nothing during the first steps.",
    formula: "rate * min((step + 1) / over, 1)",
    source: "Goyal et al., 2017, Accurate, Large Minibatch SGD",
  },
  settings: [
    rateSetting("rate", "The rate, or the schedule, that is warmed up."),
    { name: "over", type: "float", minimum: 0, documentation: "How long it takes." },
    unitSetting,
  ],
  rate: (settings) => {
    const over = durationOf(settings, numberOf(settings, "over"));
    const part = scalar.minimum(scalar.divide(scalar.add(step, 1), over), 1);
    return scalar.multiply(rateOf(settings, "rate"), part);
  },
};

export const schedules: readonly ScheduleDefinition[] = [
  stepwise,
  cosine,
  linear,
  inverseSqrt,
  cyclical,
  oneCycle,
  warmup,
];
