/** What the numbers that come out of a net are, when they are about classes. */
import type { ScoreKind } from "../../runtime/inspect/probabilities.js";
import { UserError } from "../../runtime/program/user-error.js";
import type { NetModel } from "../check/model.js";
import { shapeOf } from "../lower/dataflow.js";

export interface ClassOutput {
  readonly name: string;
  /** Two where there is one number, the score of the second class. */
  readonly classes: number;
  readonly kind: ScoreKind;
}

/** The first output of a net, as scores of classes. Throws a UserError when it is no row of numbers. */
export function classOutput(net: NetModel, sizes: Readonly<Record<string, number>>): ClassOutput {
  const [output] = net.dataflow.outputs;
  const name = net.outputNames[0] ?? "output";
  const shape =
    output === undefined ? [] : shapeOf(output.shape, new Map([...Object.entries(sizes), ["N", 1]]));
  const [, count = 0] = shape;
  if (shape.length !== 2 || output === undefined) {
    throw new UserError(
      `${net.name} gives ${name} [${["N", ...shape.slice(1)].join(", ")}], and scores of classes are [N, classes]`,
      "Choose a net that classifies with --net NAME.",
    );
  }
  const last = net.dataflow.applications.find(({ outputs }) => outputs.some(({ id }) => id === output.id));
  const isProbability = last?.definition === "softmax" || last?.definition === "sigmoid";
  return { name, classes: Math.max(2, count), kind: isProbability ? "probabilities" : "scores" };
}
