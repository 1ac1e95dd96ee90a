/** The Model of an elaborated net: its dataflow in inference mode. */
import type { Checker } from "../checker.js";
import type { FlowObligation } from "../flow.js";
import { finishDataflow } from "../finish-dataflow.js";
import type { NetModel, Obligation } from "../model.js";
import { formatCondition, holdsAt } from "../values/condition.js";
import type { ElaboratedNet } from "../values/value.js";
import { instanceOf } from "./parameters.js";

export function modelOfNet(net: ElaboratedNet, checker: Checker): NetModel {
  const layers = net.construction.leaves.map((leaf) => instanceOf(leaf, checker));
  return {
    name: net.name,
    span: net.declaration.span,
    documentation: net.declaration.documentation.map(({ text }) => text.trim()).join("\n"),
    dataflow: finishDataflow(net.flow.applications, net.inputs, net.outputs, checker, () => "inference"),
    outputNames: net.outputNames,
    layers,
    parameters: layers.flatMap(({ parameters }) => parameters),
    uses: [...net.construction.uses],
    obligations: obligationsOf(net.flow.obligations, () => false),
  };
}

/** The obligations that hold for applications in these modes. */
export function obligationsOf(
  obligations: readonly FlowObligation[],
  isTraining: (application: NonNullable<FlowObligation["trainingOnly"]>) => boolean,
): readonly Obligation[] {
  return obligations
    .filter(({ trainingOnly }) => trainingOnly === null || isTraining(trainingOnly))
    .map(({ condition, span }) => ({
      condition: formatCondition(condition),
      span,
      holds: (variables) => holdsAt(condition, variables),
    }));
}
