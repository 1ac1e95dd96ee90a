/** One step of a train section: its dataflow, its loss, what it updates and how. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { BindingItem, Item, MinimizeItem, StepItem, TrainDeclaration } from "../../syntax/ast.js";
import { bindItem, declareLater } from "../bodies/binding.js";
import { reportBare } from "../bodies/body.js";
import { hasSyntaxErrorIn } from "../checker.js";
import type { Flow } from "../flow.js";
import { type Frame, reportAt } from "../frame.js";
import type { OptimizerCall, Parameter, Tensor } from "../model.js";
import { describe } from "../values/describe.js";
import { formatShape } from "../values/tensors.js";
import type { Value } from "../values/value.js";
import { openFlow } from "./definitions.js";
import type { SectionInputs } from "./inputs.js";
import { updatedParameters } from "./updates.js";

export interface ElaboratedStep {
  readonly name: string;
  readonly flow: Flow;
  readonly loss: Tensor;
  readonly lossName: string;
  /** What it updates. */
  readonly parameters: () => readonly Parameter[];
  readonly optimizer: OptimizerCall;
  readonly span: Span;
}

/** The step; null after a mistake. */
export function elaborateStep(
  item: StepItem | MinimizeItem,
  name: string,
  section: TrainDeclaration,
  inputs: SectionInputs,
): ElaboratedStep | null {
  const items = item.kind === "step" ? item.body.items : [item];
  const { flow, frame } = openFlow(section, item, items, inputs.frame, inputs.definitions);
  const minimize = item.kind === "step" ? elaborateItems(item, frame) : item;
  if (minimize === null) return null;
  const loss = lossOf(minimize, frame);
  const optimizer = optimizerOf(minimize, frame);
  const parameters = loss === null ? null : updatedParameters(minimize, loss, flow, frame);
  if (loss === null || optimizer === null || parameters === null) return null;
  const lossName = minimize.loss.kind === "name" ? minimize.loss.name : "loss";
  return { name, flow, loss, lossName, parameters, optimizer, span: item.span };
}

/** Binds a step's names; gives its one `minimize`, or null with a message. */
function elaborateItems(step: StepItem, frame: Frame): MinimizeItem | null {
  const { items } = step.body;
  declareLater(step.body, frame);
  const minimizes = items.filter((item): item is MinimizeItem => item.kind === "minimize");
  const [minimize, second] = minimizes;
  for (const [index, item] of items.entries()) {
    if (item.kind === "binding") bindItem(item satisfies BindingItem, frame);
    else if (item.kind === "expression") reportBare(item, items, index, frame);
    else if (item.kind !== "minimize") reportMisplaced(item, step, frame);
  }
  if (second !== undefined && minimize !== undefined) {
    reportAt(frame, "train", second.span, `the step \`${step.name.name}\` minimizes twice`, {
      related: [{ span: minimize.span, label: "the first one" }],
      suggestion: { message: "Add the losses up, or make two steps.", edits: [] },
    });
    return null;
  }
  if (minimize === undefined) {
    if (hasSyntaxErrorIn(frame.checker, step.span)) return null;
    reportAt(frame, "train", step.name.span, `the step \`${step.name.name}\` minimizes nothing`, {
      suggestion: { message: "Add a line such as: minimize loss with adam(lr=1e-3)", edits: [] },
    });
    return null;
  }
  return minimize;
}

function reportMisplaced(
  item: Exclude<Item, { kind: "binding" | "expression" | "minimize" }>,
  step: StepItem,
  frame: Frame,
): void {
  reportAt(
    frame,
    "train",
    item.span,
    `\`${item.kind}\` belongs in the train section itself, not in the step \`${step.name.name}\``,
  );
}

/** The loss must be one real number. */
function lossOf(minimize: MinimizeItem, frame: Frame): Tensor | null {
  const value = frame.operations.evaluate(minimize.loss, frame);
  const tensor = scalarOf(value, minimize.loss.span, "a loss", frame);
  if (tensor === null || minimize.loss.kind !== "name") return tensor;
  return { ...tensor, name: minimize.loss.name };
}

/** The tensor, when it is a single number; null, with a message unless unknown, otherwise. */
export function scalarOf(value: Value, span: Span, what: string, frame: Frame): Tensor | null {
  if (value.kind === "unknown") return null;
  if (value.kind !== "tensor") {
    reportAt(frame, "train", span, `${what} must be one number per batch, and this is ${describe(value)}`);
    return null;
  }
  const { tensor } = value;
  if (tensor.shape.length === 0 && tensor.dataType === "f32") return tensor;
  reportAt(
    frame,
    "train",
    span,
    `${what} must be one number per batch, and this is ${formatShape(tensor.shape)}`,
    {
      notes: ["losses such as cross_entropy(logits, label) and mse(a, b) are means over the batch"],
      suggestion: { message: "Take the mean over all axes, or apply a loss.", edits: [] },
    },
  );
  return null;
}

function optimizerOf(minimize: MinimizeItem, frame: Frame): OptimizerCall | null {
  const { optimizer } = minimize;
  if (optimizer === null) {
    const end = { ...minimize.span, start: minimize.span.end };
    reportAt(frame, "train", minimize.span, "this does not say how to minimize", {
      label: "`with` and an optimizer are missing",
      suggestion: {
        message: "Add an optimizer: with adam(lr=1e-3)",
        edits: [{ span: end, text: " with adam(lr=1e-3)" }],
      },
    });
    return null;
  }
  const { evaluate, callNonLayer } = frame.operations;
  const found = evaluate(optimizer, frame);
  const value =
    found.kind === "word" && found.definition.kind === "optimizer"
      ? callNonLayer(found.definition, [], optimizer.span, frame)
      : found;
  if (value.kind === "unknown") return null;
  if (value.kind !== "optimizer") {
    const optimizers = [...frame.checker.library.values()].filter(({ kind }) => kind === "optimizer");
    reportAt(frame, "train", optimizer.span, `\`with\` needs an optimizer, and this is ${describe(value)}`, {
      notes: [`the optimizers are ${optimizers.map(({ name }) => name).join(", ")}`],
    });
    return null;
  }
  return { definition: value.definition.name, settings: value.settings, rate: value.rate, span: value.span };
}
