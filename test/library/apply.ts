/** Applies a library definition to tensors of known shapes, without a checker: for tests. */
import { expect } from "vitest";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import type { DataType, ValueId } from "../../compiler/ir/graph.js";
import type {
  LayerDefinition,
  OperandShape,
  OutputDimension,
  ParameterDefinition,
  ShapeResult,
} from "../../compiler/library/definition.js";
import { library } from "../../compiler/library/index.js";
import type { SettingDefinition, SettingValue, SettingValues } from "../../compiler/library/settings.js";
import type { Dimension } from "../../compiler/sizes/dimension.js";
import { type Size, constant, evaluate, variable } from "../../compiler/sizes/size.js";

export interface TestOperand {
  readonly name: string;
  readonly shape: readonly (number | string | Size)[];
  readonly dataType?: DataType;
  readonly limit?: number | null;
}

export function layerOf(name: string): LayerDefinition {
  const definition = library.get(name);
  if (definition?.kind !== "layer") throw new Error(`${name} is no layer`);
  return definition;
}

/** The settings with defaults, as a checker would bind them. */
export function bound(
  definition: { readonly settings: readonly SettingDefinition[] },
  given: Readonly<Record<string, SettingValue>>,
): SettingValues {
  const values: Record<string, SettingValue> = { ...given };
  for (const { name, type, default: fallback } of definition.settings) {
    let value = values[name] ?? fallback;
    if (typeof value === "string" && value.startsWith("=")) value = values[value.slice(1)];
    if (value === undefined) throw new Error(`the setting ${name} is missing`);
    values[name] = converted(type, value);
  }
  return values;
}

/** What shorthand stands for: one number for a pair, a padding, a list or a rate. */
function converted(type: SettingDefinition["type"], value: SettingValue): SettingValue {
  if (typeof value === "number") {
    if (type === "pair") return [value, value];
    if (type === "padding") return [value, value, value, value];
    if (type === "integers" || type === "floats") return [value];
    if (type === "rate") return { kind: "rate", expression: { kind: "constant", value } };
  }
  if (Array.isArray(value) && value.length === 2 && type === "padding") return [...value, ...value];
  return value;
}

/** An operand with dimensions; text is a size variable. */
export function operand({ name, shape, dataType = "f32", limit = null }: TestOperand): OperandShape {
  return { name, dataType, limit, shape: shape.map(dimension) };
}

function dimension(size: number | string | Size): Dimension {
  const origin = { span: null, text: "declared here", from: [] };
  if (typeof size === "number") return { size: constant(size), origin };
  return { size: typeof size === "string" ? variable(size) : size, origin };
}

export function outputSize(output: OutputDimension): Size {
  return "same" in output ? output.same.size : output.size;
}

/** The answer of a shape rule. */
export function shapeOf(
  name: string,
  operands: readonly TestOperand[],
  given: Readonly<Record<string, SettingValue>> = {},
): ShapeResult {
  const definition = layerOf(name);
  return definition.shape({ inputs: operands.map(operand), settings: bound(definition, given) });
}

/** The one-line message of a shape rule that refuses, with all it says. */
export function problemOf(
  name: string,
  operands: readonly TestOperand[],
  given: Readonly<Record<string, SettingValue>> = {},
) {
  const result = shapeOf(name, operands, given);
  if (!result.ok) return result.problem;
  const definition = layerOf(name);
  const parameters = definition.parameters?.({
    inputs: operands.map(operand),
    settings: bound(definition, given),
  });
  if (parameters === undefined || parameters.ok) throw new Error(`${name} accepts`);
  return parameters.problem;
}

/** Sizes as a setting, such as the bounds of a slice; `_` is left open. */
export function sizes(...given: readonly (number | string | Size | "_")[]): SettingValue {
  return {
    kind: "sizes",
    sizes: given.map((size) => (size === "_" ? null : dimension(size).size)),
  };
}

export interface Applied {
  readonly builder: GraphBuilder;
  readonly outputs: readonly ValueId[];
  readonly parameters: readonly ParameterDefinition[];
  /** What statistics become. */
  readonly statistics: ReadonlyMap<string, ValueId>;
}

export interface ApplyOptions {
  readonly mode?: "training" | "inference";
  readonly builder?: GraphBuilder;
  readonly variables?: ReadonlyMap<string, number>;
  /** Values already built, instead of graph inputs. */
  readonly inputs?: readonly ValueId[];
  readonly stream?: number;
  /** Put before the names of parameters. */
  readonly prefix?: string;
}

/**
 * Lowers a definition with its operands and parameters as graph inputs of their own
 * names, and expects the shapes it promised.
 */
export function apply(
  name: string,
  operands: readonly TestOperand[],
  given: Readonly<Record<string, SettingValue>> = {},
  options: ApplyOptions = {},
): Applied {
  const definition = layerOf(name);
  const settings = bound(definition, given);
  const variables = options.variables ?? new Map<string, number>();
  const context = { inputs: operands.map(operand), settings };
  const shapes = definition.shape(context);
  if (!shapes.ok) throw new Error(shapes.problem.message);
  const declared = definition.parameters?.(context) ?? { ok: true, parameters: [] };
  if (!declared.ok) throw new Error(declared.problem.message);

  const builder = options.builder ?? createGraphBuilder();
  const numeric = (dimensions: readonly { readonly size: Size }[]) =>
    dimensions.map(({ size }) => evaluate(size, variables));
  const inputs =
    options.inputs ??
    context.inputs.map(({ name: inputName, dataType, shape, limit }) =>
      builder.input(inputName, { dataType, shape: numeric(shape) }, limit),
    );
  const statistics = new Map<string, ValueId>();
  const outputs = definition.lower({
    builder,
    inputs,
    settings,
    mode: options.mode ?? "training",
    outputShapes: shapes.outputs.map(({ shape }) =>
      shape.map((axis) => evaluate(outputSize(axis), variables)),
    ),
    sizeOf: (size) => evaluate(size, variables),
    parameter: (parameter) => {
      const found = declared.parameters.find((candidate) => candidate.name === parameter);
      if (found === undefined) throw new Error(`${name} declares no parameter ${parameter}`);
      return builder.input((options.prefix ?? "") + parameter, { dataType: "f32", shape: found.shape });
    },
    updateStatistic: (statistic, value) => statistics.set(statistic, value),
    randomStream: options.stream ?? 7,
    label: name,
  });
  expect(outputs.map((output) => builder.shape(output))).toEqual(
    shapes.outputs.map(({ shape }) => shape.map((axis) => evaluate(outputSize(axis), variables))),
  );
  return { builder, outputs, parameters: declared.parameters, statistics };
}
