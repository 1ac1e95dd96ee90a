/**
 * Makes definitions of layers and functions from what is particular to them, and adds
 * what all have in common: defaults, and the check that operands hold real numbers.
 */
import type { LayerDefinition, OperandShape, ShapeContext, ShapeResult } from "./definition.js";
import { reject } from "./shape-results.js";

type Defaulted = "kind" | "variadic" | "isLayer" | "tensors" | "settings";

export type LayerDescription = Omit<LayerDefinition, Defaulted> &
  Partial<Pick<LayerDefinition, "variadic" | "isLayer" | "tensors" | "settings">> & {
    /** Operands that may hold integers; all others must hold real numbers. */
    readonly integerOperands?: readonly string[];
  };

/** A layer of one tensor `x`, unless the description says otherwise. */
export function defineLayer(description: LayerDescription): LayerDefinition {
  const { integerOperands = [], ...definition } = description;
  const tensors = description.tensors ?? ["x"];
  const countsAsLayer = ["layer", "activation", "augmentation"].includes(description.category);
  return {
    ...definition,
    kind: "layer",
    tensors,
    settings: description.settings ?? [],
    variadic: description.variadic ?? false,
    isLayer: description.isLayer ?? countsAsLayer,
    shape: (context) =>
      refuseIntegers(description.name, tensors, integerOperands, context) ?? description.shape(context),
  };
}

function refuseIntegers(
  word: string,
  tensors: readonly string[],
  integerOperands: readonly string[],
  context: ShapeContext,
): ShapeResult | null {
  const given = tensors.filter((name) => typeof context.settings[name] !== "number");
  const wrong = context.inputs.find((operand, index) => {
    const name = given[Math.min(index, given.length - 1)];
    return operand.dataType !== "f32" && (name === undefined || !integerOperands.includes(name));
  });
  return wrong === undefined ? null : refuse(word, wrong);
}

function refuse(word: string, operand: OperandShape): ShapeResult {
  return reject("type", `${word} needs real numbers, and ${operand.name} holds integers`, {
    notes: [`an input declared with \`in\` holds integers, such as the labels of cross_entropy`],
  });
}
