/** Turns a finished flow into the Model's dataflow: layers, modes, ordinals. */
import type { Checker } from "./checker.js";
import type { FlowApplication } from "./flow.js";
import type { Application, Dataflow, Tensor } from "./model.js";
import { instanceOf } from "./nets/parameters.js";

export function finishDataflow(
  applications: readonly FlowApplication[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  checker: Checker,
  modeOf: (application: FlowApplication) => Application["mode"],
  counter: { random: number } = { random: 0 },
): Dataflow {
  return {
    inputs,
    outputs,
    applications: applications.map((application): Application => {
      const isRandom = application.definition.isRandom === true;
      if (isRandom) counter.random += 1;
      return {
        definition: application.definition.name,
        settings: application.settings,
        layer: application.leaf === null ? null : instanceOf(application.leaf, checker),
        inputs: application.inputs,
        outputs: application.outputs,
        operandParameters: application.operandParameters,
        mode: modeOf(application),
        ordinal: isRandom ? counter.random : 0,
        span: application.span,
        label: application.label,
      };
    }),
  };
}
