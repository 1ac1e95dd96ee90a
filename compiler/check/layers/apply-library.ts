/**
 * Applies a word of the library to tensors: its shape rule, its parameters, one more
 * application in the flow.
 */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { OperandShape, OutputDimension, ShapeContext } from "../../library/definition.js";
import type { Dimension } from "../../sizes/dimension.js";
import { constant } from "../../sizes/size.js";
import { nextTensorId } from "../checker.js";
import { explainShapeProblem } from "../explain/shape-problem.js";
import type { FlowApplication } from "../flow.js";
import { type Frame, exhaust, reportAt } from "../frame.js";
import { limits } from "../limits.js";
import type { Parameter, Tensor } from "../model.js";
import type { LibraryLayer } from "../nets/construction.js";
import { addCondition } from "../values/obligations.js";
import { type Value, unknown } from "../values/value.js";
import { checkShape } from "./check-shape.js";
import { type Instance, leafOf, ownsNothing } from "./leaf.js";
import type { Site } from "./site.js";

/** Operands that are no tensors of the flow: the parameters of a net, for penalties. */
export interface MoreOperands {
  readonly parameters: readonly Parameter[];
}

export function applyLibrary(
  layer: LibraryLayer,
  operands: readonly Tensor[],
  frame: Frame,
  site: Site,
  instance: Instance | null,
  more: MoreOperands = { parameters: [] },
): Value {
  const { definition } = layer;
  if (!checkOperandCount(layer, operands, frame, site)) return unknown;
  const context: ShapeContext = {
    inputs: [...operands.map(asOperandShape), ...more.parameters.map(asParameterShape)],
    settings: layer.settings,
  };
  const result = definition.shape(context);
  if (!result.ok) {
    explainShapeProblem(result.problem, layer, operands, frame, site);
    return unknown;
  }
  for (const hint of result.hints ?? []) {
    reportAt(frame, "stride", site.span, hint.message, { severity: "hint", notes: hint.notes });
  }
  const shapes = result.outputs.map(({ shape }) =>
    shape.map((dimension) => asDimension(dimension, site.span)),
  );
  const leaf = instance === null ? undefined : leafOf(instance, layer, context, frame, site);
  if (leaf === null || (leaf === undefined && !ownsNothing(layer, context, frame, site))) return unknown;
  const outputs = result.outputs.map(({ dataType }, index): Tensor => ({
    id: nextTensorId(frame.checker),
    name: site.name?.name ?? definition.name,
    dataType,
    shape: shapes[index]!,
    limit: null,
  }));
  const application: FlowApplication = {
    definition,
    settings: layer.settings,
    leaf: leaf ?? null,
    net: frame.net,
    inputs: operands,
    outputs,
    operandParameters: more.parameters,
    span: site.span,
    label: leaf === undefined ? definition.name : `${leaf.net.name}.${leaf.path}`,
  };
  for (const condition of result.conditions ?? []) {
    if (!addCondition(condition, application, frame, site.span)) return unknown;
  }
  if (!shapes.every((shape) => checkShape(shape, layer, operands, frame, site))) return unknown;
  if (!addToFlow(application, frame, site.span)) return unknown;
  const values = outputs.map((tensor): Value => ({ kind: "tensor", tensor }));
  return values.length === 1 ? values[0]! : { kind: "tuple", items: values };
}

function addToFlow(application: FlowApplication, frame: Frame, span: Span): boolean {
  const { flow } = frame;
  if (flow === null) {
    reportAt(frame, "type", span, "tensors exist only in nets, blocks and train sections");
    return false;
  }
  if (flow.applications.length >= limits.applications) {
    exhaust(frame, span, `the ${flow.ownerKind} \`${flow.owner}\` unrolls to too many layers`, [
      `the limit is ${String(limits.applications)} layer applications`,
    ]);
    return false;
  }
  flow.applications.push(application);
  frame.checker.observer?.computed(application);
  return true;
}

function checkOperandCount(
  layer: LibraryLayer,
  operands: readonly Tensor[],
  frame: Frame,
  site: Site,
): boolean {
  const { definition, settings } = layer;
  if (definition.takesParameters === true) return true;
  const names = definition.tensors.filter((name) => typeof settings[name] !== "number");
  if (definition.variadic ? operands.length >= names.length : operands.length === names.length) return true;
  const needed = names.length === 1 ? "one tensor" : `${String(names.length)} tensors`;
  const least = definition.variadic ? `at least ${needed}` : needed;
  const given = operands.length === 1 ? "one flows in" : `${String(operands.length)} flow in`;
  const call = `${definition.name}(${names.join(", ")}${definition.variadic ? ", ..." : ""})`;
  reportAt(frame, "type", site.span, `\`${definition.name}\` takes ${least}, and ${given}`, {
    notes: [`it is used as ${call}`],
  });
  return false;
}

function asOperandShape({ name, dataType, shape, limit }: Tensor): OperandShape {
  return { name, dataType, shape, limit };
}

function asParameterShape({ name, shape }: Parameter): OperandShape {
  return { name, dataType: "f32", shape: shape.map(fixedDimension), limit: null };
}

function fixedDimension(size: number): Dimension {
  return {
    size: constant(size),
    origin: { span: null, text: "the parameter's shape", from: [] },
  };
}

function asDimension(dimension: OutputDimension, span: Span): Dimension {
  if ("same" in dimension) return dimension.same;
  return { size: dimension.size, origin: { span, text: dimension.text, from: dimension.from } };
}
