/**
 * Elaborates a train section: its inputs and samples, one dataflow per step and metric,
 * what each step updates, and from that the mode of every layer.
 */
import { diagnostic } from "../../diagnostics/diagnostic.js";
import type { MetricItem, MinimizeItem, StepItem, TrainDeclaration } from "../../syntax/ast.js";
import { hasSyntaxErrorIn, report } from "../checker.js";
import { finishDataflow } from "../finish-dataflow.js";
import type { FlowApplication } from "../flow.js";
import type { Frame } from "../frame.js";
import type { MetricModel, Parameter, StepModel, TrainModel } from "../model.js";
import { reportBare } from "../bodies/body.js";
import { obligationsOf } from "../nets/net-model.js";
import { parametersOfLeaves } from "../nets/parameters.js";
import { type ElaboratedStep, elaborateStep } from "./step.js";
import { type SectionInputs, declareSectionInputs } from "./inputs.js";
import { warnAboutLogits } from "./logits.js";
import { type ElaboratedMetric, elaborateMetric } from "./metric.js";
import { warnUnusedInSection } from "./unused.js";

/** A section without mistakes, not yet a Model. */
export interface ElaboratedSection {
  readonly inputs: SectionInputs;
  readonly steps: readonly ElaboratedStep[];
  readonly metrics: readonly ElaboratedMetric[];
}

/** The section's Model; null after a mistake. */
export function elaborateSection(section: TrainDeclaration, outer: Frame): TrainModel | null {
  const elaborated = checkSection(section, outer);
  return elaborated === null ? null : modelOfSection(section, elaborated, outer);
}

/** Finds all that is wrong with a section; null when something is. */
export function checkSection(section: TrainDeclaration, outer: Frame): ElaboratedSection | null {
  const { items } = section.body;
  const inputs = declareSectionInputs(section, outer);
  for (const [index, item] of items.entries()) {
    if (item.kind === "expression") reportBare(item, items, index, inputs.frame);
  }
  warnUnusedInSection(section, outer);
  const declared = items.filter(
    (item): item is StepItem | MinimizeItem => item.kind === "step" || item.kind === "minimize",
  );
  if (declared.length === 0 && !hasSyntaxErrorIn(outer.checker, section.span))
    reportNothingMinimized(section, outer);
  const names = stepNames(declared, inputs.frame);
  const steps = declared.map((item, index) => elaborateStep(item, names[index]!, section, inputs));
  const metrics = items
    .filter((item): item is MetricItem => item.kind === "metric")
    .map((item) => elaborateMetric(item, section, inputs));
  const complete = steps.filter((step) => step !== null);
  const measured = metrics.filter((metric) => metric !== null);
  for (const { flow } of [...complete, ...measured]) warnAboutLogits(flow, outer);
  if (complete.length < steps.length || measured.length < metrics.length || !inputs.isComplete) return null;
  return { inputs, steps: complete, metrics: measured };
}

function modelOfSection(
  section: TrainDeclaration,
  { inputs, steps, metrics }: ElaboratedSection,
  { checker }: Frame,
): TrainModel {
  const parameters = new Map(steps.map((step) => [step, step.parameters()]));
  const updated = new Set([...parameters.values()].flatMap((list) => list.map(({ name }) => name)));
  const updatedNets = new Set([...parameters.values()].flatMap((list) => list.map(({ net }) => net)));
  const isTraining = ({ definition, leaf, net }: FlowApplication): boolean => {
    if (definition.isRandom === true) return net === null || updatedNets.has(net);
    return leaf !== null && parametersOfLeaves([leaf], checker).some(({ name }) => updated.has(name));
  };
  const counter = { random: 0 };
  const visible = [...inputs.inputs, ...inputs.samples.map(({ tensor }) => tensor)];
  const modes = (application: FlowApplication) => (isTraining(application) ? "training" : "inference");
  const flows = [...steps, ...metrics].map(({ flow }) => flow);
  return {
    name: section.name.name,
    span: section.span,
    inputs: inputs.inputs,
    samples: inputs.samples,
    steps: steps.map((step): StepModel => ({
      name: step.name,
      dataflow: finishDataflow(step.flow.applications, visible, [step.loss], checker, modes, counter),
      loss: step.loss,
      lossName: step.lossName,
      parameters: parameters.get(step)!,
      optimizer: step.optimizer,
      span: step.span,
    })),
    metrics: metrics.map(({ name, flow, value }): MetricModel => ({
      name,
      dataflow: finishDataflow(flow.applications, visible, [value], checker, () => "inference", counter),
    })),
    parameters: parametersOfSection(
      flows.flatMap(({ applications }) => applications),
      checker,
    ),
    obligations: steps
      .flatMap(({ flow }) => obligationsOf(flow.obligations, isTraining))
      .concat(metrics.flatMap(({ flow }) => obligationsOf(flow.obligations, () => false))),
  };
}

/** Everything of every net that occurs, in the nets' order. */
function parametersOfSection(
  applications: readonly FlowApplication[],
  checker: Frame["checker"],
): readonly Parameter[] {
  const used = new Set(
    applications.flatMap(({ leaf, operandParameters }) => [
      ...(leaf === null ? [] : [leaf.net.name]),
      ...operandParameters.map(({ net }) => net),
    ]),
  );
  const nets = [...checker.nets.values()].filter((net) => net !== "pending" && net !== null);
  return nets
    .filter(({ name }) => used.has(name))
    .flatMap(({ construction }) => parametersOfLeaves(construction.leaves, checker));
}

function reportNothingMinimized(section: TrainDeclaration, { checker }: Frame): void {
  report(
    checker,
    diagnostic("train", section.name.span, `the train section \`${section.name.name}\` minimizes nothing`, {
      suggestion: { message: "Add a line such as: minimize loss with adam(lr=1e-3)", edits: [] },
    }),
  );
}

/** Steps have their names; a `minimize` outside is called `step`, or numbered when there are several. */
function stepNames(declared: readonly (StepItem | MinimizeItem)[], { checker }: Frame): readonly string[] {
  const names: string[] = [];
  for (const item of declared) {
    if (item.kind === "minimize") {
      names.push(uniqueName("step", names));
      continue;
    }
    const { name } = item.name;
    if (names.includes(name)) {
      const first = declared.find((other) => other.kind === "step" && other.name.name === name);
      report(
        checker,
        diagnostic("name", item.name.span, `two steps are called \`${name}\``, {
          related: first?.kind === "step" ? [{ span: first.name.span, label: "the first one" }] : [],
        }),
      );
    }
    names.push(name);
  }
  return names;
}

function uniqueName(name: string, taken: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}${String(number)}`;
    if (!taken.includes(candidate)) return candidate;
  }
}
