/** What a train section draws for every batch: `input`s and `sample`s. */
import type { InputItem, SampleItem, TrainDeclaration } from "../../syntax/ast.js";
import { hasSyntaxErrorIn } from "../checker.js";
import { type Frame, reportAt } from "../frame.js";
import type { SampleModel, Tensor } from "../model.js";
import { newNames } from "../names/names.js";
import { reportRebound } from "../names/lookup.js";
import { declareInputs } from "../nets/elaborate.js";
import { initializerOf } from "../settings/call-values.js";
import { describe } from "../values/describe.js";
import { type Definitions, noDefinitions } from "./definitions.js";

export interface SectionInputs {
  readonly inputs: readonly Tensor[];
  readonly samples: readonly SampleModel[];
  /** Sees the inputs, the samples and their sizes. */
  readonly frame: Frame;
  /** What its flows share. */
  readonly definitions: Definitions;
  readonly isComplete: boolean;
}

export function declareSectionInputs(section: TrainDeclaration, outer: Frame): SectionInputs {
  const names = newNames(null);
  const frame: Frame = { ...outer, names };
  const inputs: Tensor[] = [];
  const samples: SampleModel[] = [];
  let isComplete = true;
  for (const item of section.body.items) {
    if (item.kind !== "input" && item.kind !== "sample") continue;
    const { name } = item.tensor;
    const earlier = names.entries.get(name.name);
    if (earlier !== undefined) reportRebound(name, earlier.span, false, frame);
    const isDamaged = item.tensor.shape.axes.length === 0 && hasSyntaxErrorIn(frame.checker, item.span);
    const [declared] = isDamaged ? [] : (declareInputs([item.tensor], frame) ?? []);
    const tensor =
      declared === undefined ? null : item.kind === "input" ? labelled(item, declared, frame) : declared;
    const sample = item.kind === "sample" ? sampleOf(item, tensor, samples.length, frame) : null;
    if (tensor === null || (item.kind === "sample" && sample === null)) isComplete = false;
    else if (sample !== null) samples.push(sample);
    else inputs.push(tensor);
    const value = tensor === null ? ({ kind: "unknown" } as const) : ({ kind: "tensor", tensor } as const);
    names.entries.set(name.name, { value, span: name.span });
  }
  return { inputs, samples, frame, definitions: noDefinitions(), isComplete };
}

/** `in 0..10` makes integers of an input. */
function labelled(item: InputItem, tensor: Tensor, frame: Frame): Tensor | null {
  const { range } = item;
  if (range === null) return tensor;
  const value = frame.operations.evaluate(range, frame);
  if (value.kind !== "range") return null;
  if (value.start !== 0 || value.stop < 1) {
    reportAt(frame, "train", range.span, "labels count from 0, and there must be at least one class", {
      notes: [
        `${String(value.start)}..${String(value.stop)} holds ${String(Math.max(0, value.stop - value.start))} numbers`,
      ],
      suggestion: { message: "Write in 0..classes, the end not included.", edits: [] },
    });
    return null;
  }
  return { ...tensor, dataType: "i32", limit: value.stop };
}

function sampleOf(
  item: SampleItem,
  tensor: Tensor | null,
  ordinal: number,
  frame: Frame,
): SampleModel | null {
  const { distribution } = item;
  const value = frame.operations.evaluate(distribution, frame);
  if (value.kind === "unknown") return null;
  const call = initializerOf(value, distribution.span, frame);
  if (call === undefined) {
    reportAt(
      frame,
      "train",
      distribution.span,
      `a sample needs a distribution, and this is ${describe(value)}`,
      {
        notes: [`for example: sample ${item.tensor.name.name}[N, 100] ~ normal`],
      },
    );
  }
  return tensor === null || call === undefined || call === null
    ? null
    : { tensor, distribution: call.call, ordinal };
}
