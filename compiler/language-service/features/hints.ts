/** The shapes of tensors, written behind the layers that change them. */
import { formatShape } from "../../check/values/tensors.js";
import type { Value } from "../../check/values/value.js";
import type { Declaration, Expression } from "../../syntax/ast.js";
import type { Analysis } from "../analysis/analyze.js";
import { appliedAt, shapeText, tensorsIn } from "../analysis/lookup.js";
import { expressionsIn, withInner } from "../source/locate.js";
import type { Hint, Range } from "../types.js";

/** The hints that stand in a range. */
export function hintsIn(analysis: Analysis, range: Range): readonly Hint[] {
  const isNear = ({ span }: Declaration | Expression): boolean => {
    const { start, end } = analysis.places.resolve(span);
    return start <= range.end && end >= range.start;
  };
  return analysis.module.source.declarations
    .filter(isNear)
    .flatMap(expressionsIn)
    .filter(isNear)
    .flatMap((outermost) => hintsOf(outermost, analysis))
    .filter(({ offset }) => range.start <= offset && offset <= range.end)
    .toSorted((left, right) => left.offset - right.offset);
}

function hintsOf(outermost: Expression, analysis: Analysis): readonly Hint[] {
  const hints = new Map<number, Hint>();
  for (const expression of withInner(outermost)) {
    for (const place of placesToHint(expression)) {
      const hint = hintAt(place, analysis);
      // Of a group and its last layer, which end at one place, the first says it.
      if (hint !== null && ![...hints.values()].some((other) => isBeside(hint, other)))
        hints.set(hint.offset, hint);
    }
  }
  return [...hints.values()];
}

/** A group's end is one bracket, and perhaps a name, behind its last layer's. */
function isBeside(hint: Hint, other: Hint): boolean {
  return hint.label === other.label && Math.abs(hint.offset - other.offset) <= 1;
}

function placesToHint(expression: Expression): readonly Expression[] {
  if (expression.kind === "arrow") return expression.stages;
  return expression.kind === "call" ? [expression] : [];
}

function hintAt(place: Expression, analysis: Analysis): Hint | null {
  const applied = appliedAt(analysis, place.span).filter(({ outcome }) => tensorsIn(outcome).length > 0);
  const [first] = applied;
  if (first === undefined) return null;
  const shape = shapeText(first.outcome);
  const before = first.operands[0];
  const changes = before === undefined || formatShape(before.shape) !== shape;
  if (shape === null || shape === "[]" || !changes) return null;
  const isMany = new Set(applied.map(({ outcome }) => shapeText(outcome))).size > 1;
  return {
    offset: analysis.places.resolve(place.span).end,
    label: isMany ? `${shape}, ...` : shape,
    tooltip: applied.map(({ outcome }) => arithmeticOf(outcome).join("\n")).join("\n\n"),
  };
}

/** The shape, and per axis how it came about. */
export function arithmeticOf(outcome: Value): readonly string[] {
  return tensorsIn(outcome).flatMap(({ shape }) => [
    formatShape(shape),
    ...new Set(shape.map(({ origin }) => origin.text).filter((text) => /->|=/.test(text))),
  ]);
}
