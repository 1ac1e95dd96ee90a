/** Reads the scalar expressions of a program file, bounded in depth and size. */
import type { BinaryOperator, ScalarExpression, ScalarVariable, UnaryOperator } from "./expression.js";
import { finite, oneOf, type Reader, record, refuse } from "./readers.js";

const deepest = 64;
const largest = 10_000;

const unaryOperators: readonly UnaryOperator[] = [
  "negate",
  "exp",
  "log",
  "sqrt",
  "tanh",
  "sigmoid",
  "erf",
  "sin",
  "cos",
  "abs",
  "floor",
  "is_finite",
];
const binaryOperators: readonly BinaryOperator[] = [
  "add",
  "subtract",
  "multiply",
  "divide",
  "maximum",
  "minimum",
  "power",
  "less",
  "less_equal",
  "equal",
];
const variables: readonly ScalarVariable[] = ["step", "steps", "epoch_steps"];

const kindOf = record({ kind: oneOf("constant", "variable", "unary", "binary", "select") });

/** An expression that the runtime can evaluate before a call. */
export const scalarExpression: Reader<ScalarExpression> = (value, where) => {
  let nodes = 0;
  const readAt =
    (depth: number): Reader<ScalarExpression> =>
    (part, place) => {
      if (depth > deepest || ++nodes > largest) return refuse(where, "a smaller expression", part);
      const { kind } = kindOf(part, place);
      const inner = readAt(depth + 1);
      switch (kind) {
        case "constant":
          return record({ kind: oneOf(kind), value: finite })(part, place);
        case "variable":
          return record({ kind: oneOf(kind), name: oneOf(...variables) })(part, place);
        case "unary":
          return record({ kind: oneOf(kind), operator: oneOf(...unaryOperators), argument: inner })(
            part,
            place,
          );
        case "binary":
          return record({
            kind: oneOf(kind),
            operator: oneOf(...binaryOperators),
            left: inner,
            right: inner,
          })(part, place);
        case "select":
          return record({ kind: oneOf(kind), condition: inner, then: inner, otherwise: inner })(part, place);
      }
    };
  return readAt(0)(value, where);
};
