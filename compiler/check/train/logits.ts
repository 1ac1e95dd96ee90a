/**
 * Warns where a loss is fed what it computes itself: `softmax` before `cross_entropy`, `sigmoid`
 * before `bce_with_logits`. It runs, its gradients are flat, and nobody sees why nothing is learnt.
 */
import { placeOf } from "../checker.js";
import type { Flow, FlowApplication } from "../flow.js";
import { type Frame, reportAt } from "../frame.js";

export function warnAboutLogits(flow: Flow, frame: Frame): void {
  for (const loss of flow.applications) {
    const { notAfter } = loss.definition;
    const made = notAfter === undefined ? null : producerOf(loss, flow);
    if (made !== null && notAfter?.includes(made.definition.name) === true) warn(loss, made, frame);
  }
}

/** What made the loss's first operand, behind layers that only pass numbers on. */
function producerOf(loss: FlowApplication, flow: Flow): FlowApplication | null {
  let made: FlowApplication | undefined = loss;
  do {
    const [first]: FlowApplication["inputs"] = made.inputs;
    made = flow.applications.find(({ outputs }) => outputs.some(({ id }) => id === first?.id));
  } while (made !== undefined && passesOn.includes(made.definition.name));
  return made ?? null;
}

const passesOn: readonly string[] = ["identity", "detach", "reshape", "flatten", "slice"];

function warn(loss: FlowApplication, made: FlowApplication, frame: Frame): void {
  const word = loss.definition.name;
  const [operand] = loss.definition.tensors;
  const activation = made.definition.name;
  const place = placeOf(frame.checker, made.span, loss.span);
  const isLogarithm = operand === "log_probabilities";
  reportAt(
    frame,
    "numerics",
    loss.span,
    `\`${word}\` takes ${isLogarithm ? "log-probabilities" : "logits"}, and these come from \`${activation}\``,
    {
      severity: "warning",
      related: [{ span: made.span, label: `${activation} is applied here` }],
      notes: [
        isLogarithm
          ? "without the logarithm, the loss and its gradients say little about how wrong a prediction is"
          : `it applies \`${activation}\` itself; applied twice, gradients are flat and training hardly moves`,
      ],
      suggestion: {
        message: isLogarithm
          ? `Write \`log_softmax\` at ${place}, or use cross_entropy on what stands before it.`
          : `Leave \`${activation}\` out at ${place}; where probabilities are wanted, apply it to the logits there.`,
        edits: [],
      },
    },
  );
}
