/** Copies a net's dataflow into the flow that uses it, at the sizes of this use. */
import type { SettingValue, SettingValues } from "../../library/settings.js";
import type { Dimension } from "../../sizes/dimension.js";
import { type Size, asConstant, asVariable, format, substitute, variable } from "../../sizes/size.js";
import { nextTensorId } from "../checker.js";
import type { Flow, FlowApplication } from "../flow.js";
import { type Frame, exhaust, reportAt } from "../frame.js";
import type { Site } from "../layers/site.js";
import { limits } from "../limits.js";
import type { Tensor, TensorId } from "../model.js";
import {
  type Condition,
  formatCondition,
  substituteCondition,
  variablesOfCondition,
} from "../values/condition.js";
import { require } from "../values/obligations.js";
import { type ElaboratedNet, type Value, unknown } from "../values/value.js";

/** The net's outputs for these operands; `sizes` gives its size variables. */
export function copyFlow(
  net: ElaboratedNet,
  operands: readonly Tensor[],
  sizes: ReadonlyMap<string, Size>,
  frame: Frame,
  site: Site,
): Value {
  const { flow, checker } = frame;
  if (flow === null) {
    reportAt(frame, "type", site.span, "tensors exist only in nets, blocks and train sections");
    return unknown;
  }
  if (flow.applications.length + net.flow.applications.length > limits.applications) {
    exhaust(frame, site.span, `the ${flow.ownerKind} \`${flow.owner}\` unrolls to too many layers`, [
      `the limit is ${limits.applications.toLocaleString("en-US")} layer applications, and \`${net.name}\` adds ${String(net.flow.applications.length)}`,
    ]);
    return unknown;
  }
  // A size without variables that change is the same here; mostly all are.
  const changes = [...sizes].some(([name, size]) => asVariable(size) !== name);
  const isOwn = !changes && joins(net, flow);
  const copyTensor = tensorCopier(net, operands, changes ? sizes : null, ({ id }) =>
    isOwn ? id : nextTensorId(checker),
  );
  const operandIds = new Set(net.inputs.map(({ id }) => id));
  const conditional = new Set(net.flow.obligations.map(({ trainingOnly }) => trainingOnly));
  const applications = new Map<FlowApplication, FlowApplication>();
  for (const application of net.flow.applications) {
    const isSame = isOwn && !application.inputs.some(({ id }) => operandIds.has(id));
    const copy = isSame ? application : copyApplication(application, copyTensor, changes ? sizes : null);
    if (conditional.has(application)) applications.set(application, copy);
    flow.applications.push(copy);
  }
  if (!copyObligations(net, sizes, applications, frame, site)) return unknown;
  const outputs = net.outputs.map((tensor): Value => ({ kind: "tensor", tensor: copyTensor(tensor) }));
  return outputs.length === 1 ? outputs[0]! : { kind: "tuple", items: outputs };
}

/** Whether the net's own tensors can stand in the flow, where they, and those of nets it uses, are not yet. */
function joins({ construction, flow: { nets } }: ElaboratedNet, flow: Flow): boolean {
  const all = [construction.identity, ...nets];
  if (all.some((net) => flow.nets.has(net))) return false;
  for (const net of all) flow.nets.add(net);
  return true;
}

/** The application on the copies of its tensors; `sizes` is null when no size changes. */
function copyApplication(
  application: FlowApplication,
  copyTensor: (tensor: Tensor) => Tensor,
  sizes: ReadonlyMap<string, Size> | null,
): FlowApplication {
  return {
    definition: application.definition,
    settings: sizes === null ? application.settings : atSizes(application.settings, sizes),
    leaf: application.leaf,
    net: application.net,
    inputs: application.inputs.map(copyTensor),
    outputs: application.outputs.map(copyTensor),
    operandParameters: application.operandParameters,
    span: application.span,
    label: application.label,
  };
}

/** The settings with their sizes (of `reshape`, of a slice) put in terms of this use. */
function atSizes(settings: SettingValues, sizes: ReadonlyMap<string, Size>): SettingValues {
  if (!Object.values(settings).some(isSizes)) return settings;
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      isSizes(value)
        ? { ...value, sizes: value.sizes.map((size) => size && substitute(size, sizes)) }
        : value,
    ]),
  );
}

function isSizes(value: SettingValue): value is Extract<SettingValue, { readonly kind: "sizes" }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "sizes";
}

/** Maps the net's tensors to their copies: inputs to the operands, the others to new ones. */
function tensorCopier(
  net: ElaboratedNet,
  operands: readonly Tensor[],
  /** null when no size changes. */
  sizes: ReadonlyMap<string, Size> | null,
  idOf: (tensor: Tensor) => TensorId,
): (tensor: Tensor) => Tensor {
  const dimensions = new Map<Dimension, Dimension>();
  const tensors = new Map<TensorId, Tensor>();
  for (const [index, input] of net.inputs.entries()) {
    const operand = operands[index]!;
    tensors.set(input.id, operand);
    for (const [axis, dimension] of input.shape.entries()) dimensions.set(dimension, operand.shape[axis]!);
  }
  const copyDimension = (dimension: Dimension): Dimension => {
    const known = dimensions.get(dimension);
    if (known !== undefined) return known;
    if (sizes === null || asConstant(dimension.size) !== null) return dimension;
    const size = substitute(dimension.size, sizes);
    const copy = { size, origin: dimension.origin };
    dimensions.set(dimension, copy);
    return copy;
  };
  return (tensor) => {
    const known = tensors.get(tensor.id);
    if (known !== undefined) return known;
    const { name, dataType, limit } = tensor;
    const copy: Tensor = { id: idOf(tensor), name, dataType, shape: tensor.shape.map(copyDimension), limit };
    tensors.set(tensor.id, copy);
    return copy;
  };
}

/** What the net left open is decided by this use, or stays open in terms of its sizes. */
function copyObligations(
  net: ElaboratedNet,
  sizes: ReadonlyMap<string, Size>,
  applications: ReadonlyMap<FlowApplication, FlowApplication>,
  frame: Frame,
  site: Site,
): boolean {
  let isPossible = true;
  for (const obligation of net.flow.obligations) {
    const condition = substituteCondition(obligation.condition, sizes);
    const trainingOnly = obligation.trainingOnly === null ? null : applications.get(obligation.trainingOnly);
    if (trainingOnly !== null && trainingOnly !== undefined) {
      frame.flow?.obligations.push({ condition, span: site.span, trainingOnly });
      continue;
    }
    require(condition, frame, site.span, () => {
      isPossible = false;
      const text = formatCondition(obligation.condition);
      reportAt(
        frame,
        "unproven",
        site.span,
        `the net \`${net.name}\` needs ${text}, which does not hold here`,
        {
          related: [{ span: obligation.span, label: "needed here" }],
          notes: sizesAt(obligation.condition, sizes),
        },
      );
    });
  }
  return isPossible;
}

/** `H is 30 here`, for every size variable of a condition. */
export function sizesAt(condition: Condition, sizes: ReadonlyMap<string, Size>): readonly string[] {
  return variablesOfCondition(condition).map(
    (name) => `${name} is ${format(sizes.get(name) ?? variable(name))} here`,
  );
}
