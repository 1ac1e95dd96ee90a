/** What shape rules say when shapes do not fit, and what they hint at: read by a person, then kept. */
import { describe, expect, it } from "vitest";
import type { ShapeProblem } from "../../compiler/library/definition.js";
import type { SettingValue } from "../../compiler/library/settings.js";
import { constant, multiply, variable } from "../../compiler/sizes/size.js";
import { expectGolden } from "../support/golden.js";
import { type TestOperand, problemOf, shapeOf, sizes } from "./apply.js";

type Mistake = readonly [
  name: string,
  operands: readonly (readonly [string, ...(number | string | TestOperand["shape"][number])[]])[],
  settings?: Readonly<Record<string, SettingValue>>,
];

const pixels = multiply(constant(16), multiply(variable("H"), variable("W")));

const mistakes: readonly Mistake[] = [
  ["conv", [["x", "N", 400]], { width: 6, size: 5 }],
  ["conv", [["x", "N", 1000]], { width: 6, size: 5 }],
  ["conv", [["x", "N", 28, 28]], { width: 6, size: 5 }],
  ["conv", [["x", "N", 6, 4, 4]], { width: 16, size: 5 }],
  ["conv", [["x", "N", 6, 14, 3]], { width: 16, size: [3, 5], stride: 2 }],
  ["conv", [["x", "N", 10, 8, 8]], { width: 16, size: 3, groups: 4 }],
  ["conv", [["x", "N", 8, 8, 8]], { width: 15, size: 3, groups: 4 }],
  ["conv", [["x", "N", "C", 8, 8]], { width: 16, size: 3 }],
  ["conv_transpose", [["z", "N", 100]], { width: 16, size: 4 }],
  ["conv_transpose", [["x", "N", 8, 1, 1]], { width: 16, size: 2, pad: 1 }],
  ["conv_transpose", [["x", "N", 8, 4, 4]], { width: 16, size: 3, stride: 2, output_pad: 2 }],
  ["dense", [["x", "N", 16, 5, 5]], { width: 120 }],
  ["dense", [["x", "N"]], { width: 120 }],
  ["dense", [["x", "N", pixels]], { width: 10 }],
  ["batch_norm", [["x", "N"]]],
  ["layer_norm", [["x", "N", 3, 4]], { axes: [0, 1] }],
  ["layer_norm", [["x", "N", 3, "H"]]],
  ["instance_norm", [["x", "N", 3]]],
  ["group_norm", [["x", "N", 6, 4, 4]], { groups: 4 }],
  ["max_pool", [["x", "N", 6, 1, 1]], { size: 2 }],
  ["max_pool", [["x", "N", 6, 8, 8]], { size: 2, pad: 2 }],
  ["avg_pool", [["x", "N", 120]], { size: 2 }],
  ["normalize", [["image", "N", 3, 32, 32]], { mean: [0.5, 0.5], std: 0.2 }],
  ["normalize", [["image", "N", 3, 32, 32]], { mean: 0.5, std: 0 }],
  [
    "reshape",
    [["x", "N", 400]],
    { sizes: { kind: "sizes", sizes: [constant(16), constant(5), constant(6)] } },
  ],
  ["reshape", [["x", "N", 400]], { sizes: { kind: "sizes", sizes: [null, constant(7)] } }],
  ["reshape", [["x", "N", 400]], { sizes: { kind: "sizes", sizes: [null, null] } }],
  ["transpose", [["x", "N", 3, 4]], { order: [0, 1, 1] }],
  ["crop", [["x", "N", 3, 200, 200]], { h: 224, w: 224 }],
  ["clip", [["x", "N", 3]], { low: 1, high: 0 }],
  ["softmax", [["x", "N", 3]], { axis: 2 }],
  [
    "add",
    [
      ["main", "N", 128, 28, 28],
      ["skip", "N", 64, 56, 56],
    ],
  ],
  [
    "add",
    [
      ["main", "N", 128, 28, 28],
      ["skip", "N", 64, 28, 28],
    ],
  ],
  [
    "add",
    [
      ["main", "N", 64, 28, 28],
      ["skip", "N", 64, 26, 26],
    ],
  ],
  [
    "multiply",
    [
      ["x", "N", 64, 7, 7],
      ["gate", "N", 64],
    ],
  ],
  [
    "concat",
    [
      ["a", "N", 64, 28, 28],
      ["b", "N", 32, 26, 26],
    ],
  ],
  [
    "concat",
    [
      ["a", "N", 64, 28, 28],
      ["b", "N", 32],
    ],
  ],
  ["split", [["x", "N", 64, 28, 28]], { sizes: [32, 16] }],
  ["slice", [["x", "N", 3, 28, 28]], { start: sizes("_", 2), stop: sizes("_", 5), step: [1, 1] }],
  ["slice", [["x", "N", 3, 28, 28]], { start: sizes("_", 2), stop: sizes("_", 2), step: [1, 1] }],
  [
    "mse",
    [
      ["a", "N", 10],
      ["b", "N", 1],
    ],
  ],
  [
    "cross_entropy",
    [
      ["logits", "N", 5],
      ["label:10", "N"],
    ],
  ],
  [
    "cross_entropy",
    [
      ["logits", "N", 10],
      ["label", "N"],
    ],
  ],
  [
    "cross_entropy",
    [
      ["logits", "N", 10],
      ["label:10", "N", 1],
    ],
  ],
  ["cross_entropy", [["loss"], ["label:10", "N"]]],
  ["relu", [["label:10", "N"]]],
  [
    "mixup",
    [
      ["image", "N", 3, 8, 8],
      ["label", "N", 10],
    ],
    { alpha: 0.2 },
  ],
  ["random_crop", [["image", "N", 3, 28, 28]], { size: 32, pad: 1 }],
];

/** `label:10` is an operand of integers below 10. */
function operandOf([text, ...shape]: Mistake[1][number]): TestOperand {
  const [name, limit] = text.split(":");
  return limit === undefined
    ? { name: name!, shape }
    : { name: name!, shape, dataType: "i32", limit: Number(limit) };
}

function printed(problem: ShapeProblem): string {
  return [
    `error[${problem.code}]: ${problem.message}`,
    ...problem.notes.map((note) => `  ${note}`),
    ...problem.blame
      .map(({ operand, dimension }) => `  @ ${operand}: ${dimension.origin.text}`)
      .filter(isFirst),
    ...(problem.suggestion === null ? [] : [`  > ${problem.suggestion}`]),
  ].join("\n");
}

function isFirst(line: string, index: number, lines: readonly string[]): boolean {
  return lines.indexOf(line) === index;
}

describe("shape rules", () => {
  it("say what is wrong, why, and what to do", () => {
    const text = mistakes.map(([name, operands, settings]) =>
      printed(problemOf(name, operands.map(operandOf), settings)),
    );
    expectGolden(new URL("messages.txt", import.meta.url).pathname, `${text.join("\n\n")}\n`);
  });

  it("hint at rows that a stride drops, and only at those", () => {
    const hints = (name: string, size: number, settings: Readonly<Record<string, SettingValue>>) => {
      const result = shapeOf(name, [{ name: "x", shape: ["N", 3, size, size] }], settings);
      return result.ok ? (result.hints ?? []).flatMap(({ message, notes }) => [message, ...notes]) : [];
    };
    expect(hints("max_pool", 112, { size: 3, stride: 2 })).toEqual([
      "the stride of max_pool drops the last row and column of x",
      "112 -> floor((112 - 2 - 1) / 2) + 1 = 55",
      "the windows reach 111 of 112 rows and columns",
    ]);
    // Whatever the window, AlexNet, VGG, ResNet and GoogLeNet drop nothing.
    expect(hints("conv", 224, { width: 64, size: 11, stride: 4, pad: 2 })).toEqual([]);
    expect(hints("conv", 224, { width: 64, size: 7, stride: 2, pad: 3 })).toEqual([]);
    expect(hints("conv", 56, { width: 64, size: 1, stride: 2 })).toEqual([]);
    expect(hints("max_pool", 55, { size: 3, stride: 2 })).toEqual([]);
    expect(hints("max_pool", 112, { size: 3, stride: 2, ceil: true })).toEqual([]);
    expect(hints("max_pool", 112, { size: 2 })).toEqual([]);
  });

  it("show the arithmetic of every size they make", () => {
    const texts = (
      name: string,
      operand: TestOperand["shape"],
      settings: Readonly<Record<string, SettingValue>>,
    ) => {
      const result = shapeOf(name, [{ name: "x", shape: operand }], settings);
      if (!result.ok) throw new Error(result.problem.message);
      return result.outputs[0]!.shape.map((axis) => ("same" in axis ? "same" : axis.text));
    };
    const image = ["N", 3, 56, "W"];
    expect(texts("conv", image, { width: 8, size: 3, stride: 2, pad: 1 })).toEqual([
      "same",
      "8 channels",
      "56 -> floor((56 + 2 - 2 - 1) / 2) + 1 = 28",
      "W -> floor((W + 2 - 2 - 1) / 2) + 1 = ceil(W / 2)",
    ]);
    expect(texts("conv", image, { width: 8, size: 3, pad: 1 })).toEqual([
      "same",
      "8 channels",
      "same",
      "same",
    ]);
    expect(texts("conv", image, { width: 8, size: 5 })).toEqual([
      "same",
      "8 channels",
      "56 -> 56 - 4 = 52",
      "W -> W - 4 = W - 4",
    ]);
    expect(texts("conv", image, { width: 8, size: 3, stride: 2, pad: "same" })).toEqual([
      "same",
      "8 channels",
      "56 -> ceil(56 / 2) = 28",
      "W -> ceil(W / 2) = ceil(W / 2)",
    ]);
    expect(texts("max_pool", image, { size: 3, stride: 2, ceil: true })[2]).toBe(
      "56 -> ceil((56 - 2 - 1) / 2) + 1 = 28",
    );
    expect(texts("conv_transpose", ["N", 8, 4, 4], { width: 3, size: 4, stride: 2, pad: 1 })[2]).toBe(
      "4 -> (4 - 1) * 2 - 2 + 3 + 1 = 8",
    );
    expect(texts("flatten", ["N", 16, 5, 5], {})).toEqual(["same", "16 * 5 * 5 = 400"]);
    expect(
      texts("reshape", ["N", 400], { sizes: { kind: "sizes", sizes: [null, constant(5), constant(5)] } }),
    ).toEqual(["same", "400 / 25 = 16", "reshaped to 5", "reshaped to 5"]);
  });
});
