/** Preparation of images: the mean taken out and the deviation divided away, per channel. */
import * as scalar from "../expressions.js";
import type { Expression } from "../../../runtime/program/expression.js";
import { asConstant } from "../../sizes/size.js";
import { defineLayer } from "../define.js";
import { numbersOf } from "../read-settings.js";
import { accept, blameAxis, describe, reject, unchanged } from "../shape-results.js";

export const normalize = defineLayer({
  name: "normalize",
  category: "layer",
  documentation: {
    summary: "Subtracts a known mean and divides by a known deviation, one for all channels or one each.",
    formula: "y[n, c, ...] = (x[n, c, ...] - mean[c]) / std[c]",
    source: "",
  },
  settings: [
    { name: "mean", type: "floats", documentation: "One number, or one per channel." },
    { name: "std", type: "floats", documentation: "One number, or one per channel; not 0." },
  ],
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    const channels = x.shape.length < 2 ? null : asConstant(x.shape[1]!.size);
    if (numbersOf(settings, "std").includes(0)) {
      return reject("setting", "normalize cannot divide by a deviation of 0");
    }
    for (const name of ["mean", "std"]) {
      const { length } = numbersOf(settings, name);
      if (length === 1 || length === channels) continue;
      return reject(
        "setting",
        `normalize has ${String(length)} numbers as ${name}, and ${x.name} is ${describe(x.shape)}`,
        {
          notes: ["one number stands for all channels, otherwise there is one for each"],
          blame: blameAxis(x, 1),
          suggestion: channels === null ? null : `Give ${name} as one number or as ${String(channels)}`,
        },
      );
    }
    return accept(unchanged(x));
  },
  lower: ({ builder, inputs, settings }) => {
    const x = inputs[0]!;
    const centred = scalar.subtract(scalar.input(0), byChannel(numbersOf(settings, "mean")));
    const inverse = byChannel(numbersOf(settings, "std").map((deviation) => 1 / deviation));
    return [builder.map(scalar.multiply(centred, inverse), [x])];
  },
});

/** The number of the channel at hand. */
function byChannel([first, ...others]: readonly number[]): Expression {
  return others.reduce<Expression>(
    (rest, value, index) => scalar.select(scalar.equal(scalar.coordinate(1), index + 1), value, rest),
    scalar.constant(first!),
  );
}
