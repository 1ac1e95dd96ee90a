/**
 * The rules for expressions inside nodes: what an expression may read depends on
 * where it stands.
 */
import type { Expression } from "../../runtime/program/expression.js";
import { invariant } from "../diagnostics/invariant.js";
import type { Epilogue, TensorType } from "../ir/graph.js";
import { broadcastsTo } from "../ir/shapes.js";

export interface ExpressionScope {
  /** How many inputs there are. */
  readonly inputs: number;
  /** How many reductions came before. */
  readonly reduced: number;
  /** How many axes there are, and those of them whose coordinate is not known. */
  readonly rank: number;
  readonly hiddenAxes: readonly number[];
  readonly allowsRandom: boolean;
  readonly allowsVariables: boolean;
}

/** What an expression over plain operands may read, at every position of a domain of this rank. */
export function domainScope(inputs: number, rank: number, reduced = 0): ExpressionScope {
  return { inputs, reduced, rank, hiddenAxes: [], allowsRandom: true, allowsVariables: false };
}

/** @throws InternalError when the expression reads what is not there, or holds a number that cannot be written */
export function checkExpression(expression: Expression, scope: ExpressionScope): void {
  switch (expression.kind) {
    case "constant":
      return invariant(
        Number.isFinite(expression.value),
        () => `the constant ${String(expression.value)} is not finite`,
      );
    case "input":
      return checkIndex("input", expression.index, scope.inputs);
    case "reduced":
      return checkIndex("reduced", expression.index, scope.reduced);
    case "coordinate":
      return invariant(
        expression.axis >= 0 && expression.axis < scope.rank && !scope.hiddenAxes.includes(expression.axis),
        () => `no coordinate along axis ${String(expression.axis)} here`,
      );
    case "random":
      invariant(scope.allowsRandom, "no random numbers here");
      checkIndex("stream", expression.stream, 2 ** 32);
      return checkIndex("offset", expression.offset, 2 ** 32);
    case "variable":
      return invariant(
        scope.allowsVariables,
        () => `the variable ${expression.name} is known only to scalars`,
      );
    case "unary":
      return checkExpression(expression.argument, scope);
    case "binary":
      checkExpression(expression.left, scope);
      return checkExpression(expression.right, scope);
    case "select":
      checkExpression(expression.condition, scope);
      checkExpression(expression.then, scope);
      return checkExpression(expression.otherwise, scope);
  }
}

/** Checks an epilogue and the operands it adds to a node whose product has the type `output`. */
export function checkEpilogue(
  epilogue: Epilogue | null,
  output: TensorType,
  operands: readonly TensorType[],
): void {
  if (epilogue === null) return invariant(operands.length === 0, "operands without an epilogue");
  checkExpression(epilogue.expression, {
    inputs: operands.length + 1,
    reduced: 0,
    rank: 0,
    hiddenAxes: [],
    allowsRandom: false,
    allowsVariables: false,
  });
  checkOperands(operands, output.shape);
}

/** Every operand must broadcast to the domain. */
export function checkOperands(operands: readonly TensorType[], domain: readonly number[]): void {
  for (const { shape } of operands) {
    invariant(
      broadcastsTo(shape, domain),
      () => `[${shape.join()}] does not broadcast to [${domain.join()}]`,
    );
  }
}

/** Axes must be ascending and inside the rank. */
export function checkAxes(axes: readonly number[], rank: number): void {
  for (const [position, axis] of axes.entries()) {
    checkIndex("axis", axis, rank);
    invariant(
      position === 0 || axes[position - 1]! < axis,
      () => `the axes ${axes.join()} are not ascending`,
    );
  }
}

/** A shape's sizes must be positive integers that an index can count. */
export function checkShape(shape: readonly number[]): void {
  for (const size of shape) {
    invariant(
      Number.isSafeInteger(size) && size >= 1,
      () => `a size of [${shape.join()}] is not a positive integer`,
    );
  }
}

function checkIndex(what: string, index: number, count: number): void {
  invariant(
    Number.isInteger(index) && index >= 0 && index < count,
    () => `${what} ${String(index)} of ${String(count)}`,
  );
}
