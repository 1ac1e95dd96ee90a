/** `metric name = ...`: one number per batch, computed in inference mode. */
import type { MetricItem, TrainDeclaration } from "../../syntax/ast.js";
import type { Flow } from "../flow.js";
import type { Tensor } from "../model.js";
import { openFlow } from "./definitions.js";
import type { SectionInputs } from "./inputs.js";
import { scalarOf } from "./step.js";

export interface ElaboratedMetric {
  readonly name: string;
  readonly flow: Flow;
  readonly value: Tensor;
}

/** The metric; null after a mistake. */
export function elaborateMetric(
  item: MetricItem,
  section: TrainDeclaration,
  inputs: SectionInputs,
): ElaboratedMetric | null {
  const { flow, frame } = openFlow(section, item, [item], inputs.frame, inputs.definitions);
  const value = scalarOf(frame.operations.evaluate(item.value, frame), item.value.span, "a metric", frame);
  return value === null ? null : { name: item.name.name, flow, value: { ...value, name: item.name.name } };
}
