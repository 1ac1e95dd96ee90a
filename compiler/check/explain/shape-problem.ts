/** Turns what a shape rule refuses into a message: the place, the operands, the way back. */
import type { RelatedSpan, Suggestion } from "../../diagnostics/diagnostic.js";
import type { ShapeProblem } from "../../library/definition.js";
import { format } from "../../sizes/size.js";
import { placeOf } from "../checker.js";
import { type Frame, reportAt } from "../frame.js";
import type { Site } from "../layers/site.js";
import type { Tensor } from "../model.js";
import { otherNameOf } from "../names/names.js";
import type { LibraryLayer } from "../nets/construction.js";
import { formatShape } from "../values/tensors.js";
import { flattenFirst } from "./flatten-first.js";
import { keepSize } from "./keep-size.js";
import { declaredHere, walkBack } from "./provenance.js";

export function explainShapeProblem(
  problem: ShapeProblem,
  layer: LibraryLayer,
  operands: readonly Tensor[],
  frame: Frame,
  site: Site,
): void {
  const related: RelatedSpan[] = site.operands.flatMap((span, index) => {
    const tensor = operands[index];
    return tensor === undefined ? [] : [{ span, label: formatShape(tensor.shape) }];
  });
  const flattened = flattenFirst(layer, operands, site);
  const padded = flattened === null ? keepSize(problem, operands, frame) : null;
  reportAt(frame, problem.code, site.head, problem.message, {
    related,
    notes:
      flattened === null ? [...problem.notes, ...history(problem, operands, frame, site)] : problem.notes,
    suggestion: flattened ?? padded ?? adviceOf(skipLast(problem, layer, operands, frame), operands, site),
  });
}

/**
 * Of `x + main` and `main + x` the advice is the same: it changes the second operand, so the
 * one that the other was made from, the skip, is put there.
 */
function skipLast(
  problem: ShapeProblem,
  layer: LibraryLayer,
  operands: readonly Tensor[],
  frame: Frame,
): ShapeProblem {
  const [first, second] = operands;
  if (first === undefined || second === undefined || operands.length > 2) return problem;
  if (!isMadeFrom(second, first, frame)) return problem;
  const result = layer.definition.shape({ inputs: [second, first], settings: layer.settings });
  return result.ok ? problem : result.problem;
}

function isMadeFrom(tensor: Tensor, origin: Tensor, { flow }: Frame): boolean {
  const reached = new Set([tensor.id]);
  for (const { inputs, outputs } of (flow?.applications ?? []).toReversed()) {
    if (outputs.some(({ id }) => reached.has(id))) for (const { id } of inputs) reached.add(id);
  }
  return tensor.id !== origin.id && reached.has(origin.id);
}

function adviceOf(
  { suggestion, repair }: ShapeProblem,
  operands: readonly Tensor[],
  site: Site,
): Suggestion | null {
  if (suggestion === null) return null;
  const index = operands.findIndex(({ name }) => name === repair?.operand);
  const span = site.operands[index];
  // What flows in from an arrow stands somewhere else.
  if (repair === undefined || span === undefined || site.isFlow) return { message: suggestion, edits: [] };
  const edits = [
    { span: { ...span, end: span.start }, text: "(" },
    { span: { ...span, start: span.end }, text: ` -> ${repair.layer})` },
  ];
  return { message: suggestion, edits };
}

/** The way back of every size that is to blame, operand by operand, each line once. */
function history(problem: ShapeProblem, operands: readonly Tensor[], frame: Frame, site: Site): string[] {
  const names = [...new Set(problem.blame.map(({ operand }) => operand))];
  const lines = names.flatMap((name) => {
    const tensor = operands.find((operand) => operand.name === name);
    const other = tensor === undefined ? null : otherNameOf(frame.names, tensor);
    if (other !== null) {
      return [`${name} is ${other.name}, unchanged since ${placeOf(frame.checker, other.span, site.span)}`];
    }
    const dimensions = problem.blame
      .filter(({ operand }) => operand === name)
      .map(({ dimension }) => dimension);
    const made = dimensions.filter(({ origin }) => origin.text !== declaredHere);
    const [first] = dimensions;
    if (made.length === 0 && first !== undefined && first.origin.span !== null) {
      const place = placeOf(frame.checker, first.origin.span, site.span);
      const shape = tensor === undefined ? format(first.size) : formatShape(tensor.shape);
      return [`${name} has been ${shape} since ${place}`];
    }
    return made.flatMap((dimension) => walkBack(frame.checker, name, dimension, site.span));
  });
  return [...new Set(lines)].slice(0, 10);
}
