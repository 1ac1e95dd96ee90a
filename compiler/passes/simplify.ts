/**
 * Local identities: every node is looked at together with what makes its inputs.
 *
 * before:  c = constant 2; b = broadcast c; y = map(in0 * in1)(x, b); z = reshape(reshape(y))
 * after:   y = map(in0 * 2)(x); z = reshape(y)
 */
import type { Expression } from "../../runtime/program/expression.js";
import { replaceInputs } from "../ir/expression-tree.js";
import * as e from "../ir/expressions.js";
import type { Graph, Node, NodeOf, ValueId } from "../ir/graph.js";
import { broadcastAxes, broadcastsTo, elementCount, keptShape, sameShape } from "../ir/shapes.js";
import { rewrite, type RewriteContext } from "./rewrite.js";

export function simplify(graph: Graph): Graph {
  return rewrite(graph, (node, inputs, context) => {
    const replacement = simpler(node, inputs, context);
    return replacement === null ? context.copy(node, inputs) : [replacement];
  });
}

/** What can stand for the node's only output, or null when it is as simple as it gets. */
function simpler(node: Node, inputs: readonly ValueId[], context: RewriteContext): ValueId | null {
  if (node.op === "map") return simplerMap(node, inputs, context);
  const [input] = inputs;
  if (input === undefined) return null;
  const shape = context.builder.shape(input);
  switch (node.op) {
    case "detach":
      return input;
    case "reduce":
      return simplerReduce(node, input, context);
    case "reshape":
      return simplerReshape(node, input, context);
    case "transpose":
      return simplerTranspose(node, input, context);
    case "matmul":
      return simplerMatmul(node, inputs, context);
    case "slice": {
      const { start, stop, step } = node.attributes;
      const isWhole = shape.every(
        (size, axis) => start[axis] === 0 && stop[axis] === size && step[axis] === 1,
      );
      return isWhole ? input : null;
    }
    case "place":
      return sameShape(shape, node.attributes.shape) ? input : null;
    case "concat":
      return inputs.length === 1 ? input : null;
    default:
      return null;
  }
}

/** Operands known when compiling move into the expression; what only broadcasts an operand is read through. */
function simplerMap(
  { attributes: { expression, shape } }: NodeOf<"map">,
  inputs: readonly ValueId[],
  context: RewriteContext,
): ValueId | null {
  const { builder } = context;
  const operands: ValueId[] = [];
  const reads = inputs.map((input): Expression => {
    const seen = seenThrough(input, shape, context);
    if (typeof seen !== "number") return seen;
    operands.push(seen);
    return e.input(operands.length - 1);
  });
  const readsTheSame = inputs.every((input, index) => {
    return input === operands[index] && inputs.indexOf(input) === index;
  });
  if (readsTheSame && expression.kind !== "constant" && expression.kind !== "input") return null;
  const simple = replaceInputs(expression, (index) => reads[index]!);
  if (simple.kind === "constant" && shape.length === 0) return builder.constant(simple.value);
  if (simple.kind === "input") {
    const { dataType, shape: operandShape } = builder.type(operands[simple.index]!);
    if (dataType === "f32" && sameShape(operandShape, shape)) return operands[simple.index]!;
  }
  return builder.map(simple, operands, shape);
}

/** A constant, or the value that `operand` only repeats over `domain`. */
function seenThrough(
  operand: ValueId,
  domain: readonly number[],
  context: RewriteContext,
): Expression | ValueId {
  const producer = context.producer(operand);
  const [source] = producer.inputs;
  if (producer.op === "constant") return e.constant(producer.attributes.value);
  if (producer.op === "map") {
    const { expression } = producer.attributes;
    if (expression.kind === "constant") return expression;
    if (expression.kind === "input") return seenThrough(source!, domain, context);
  }
  if (producer.op === "reshape") {
    const known = seenThrough(source!, context.builder.shape(source!), context);
    if (typeof known !== "number") return known;
    // A single element is the same in every shape.
    const shape = context.builder.shape(known);
    if (elementCount(shape) === 1 && broadcastsTo(shape, domain)) return known;
  }
  return operand;
}

function simplerReduce(
  { attributes: { combine, axes } }: NodeOf<"reduce">,
  input: ValueId,
  { builder, producer }: RewriteContext,
): ValueId | null {
  const shape = builder.shape(input);
  const longAxes = axes.filter((axis) => shape[axis] !== 1);
  if (longAxes.length === 0) return input;
  const source = producer(input);
  const kept = keptShape(shape, axes);
  const count = combine === "sum" ? elementCount(longAxes.map((axis) => shape[axis]!)) : 1;
  if (source.op === "map" && source.attributes.expression.kind === "constant") {
    return builder.map(e.constant(source.attributes.expression.value * count), [], kept);
  }
  if (source.op === "map" && source.attributes.expression.kind === "input") {
    // Adding up an operand that was only repeated along these axes.
    const [operand] = source.inputs;
    const repeated = broadcastAxes(builder.shape(operand!), shape);
    if (longAxes.every((axis) => repeated.includes(axis))) {
      return builder.map(e.multiply(e.input(0), e.constant(count)), [operand!], kept);
    }
  }
  return longAxes.length < axes.length ? builder.reduce(combine, input, longAxes) : null;
}

function simplerReshape(
  { attributes: { shape } }: NodeOf<"reshape">,
  input: ValueId,
  { builder, producer }: RewriteContext,
): ValueId | null {
  const source = producer(input);
  if (sameShape(builder.shape(input), shape)) return input;
  if (source.op === "reshape") return builder.reshape(source.inputs[0]!, shape);
  if (source.op === "map" && source.attributes.expression.kind === "constant") {
    return builder.map(source.attributes.expression, [], shape);
  }
  return null;
}

function simplerTranspose(
  { attributes: { order } }: NodeOf<"transpose">,
  input: ValueId,
  { builder, producer }: RewriteContext,
): ValueId | null {
  const source = producer(input);
  if (source.op === "transpose") {
    const composed = order.map((axis) => source.attributes.order[axis]!);
    const [original] = source.inputs;
    return isAscending(composed) ? original! : builder.node("transpose", { order: composed }, [original!]);
  }
  const shape = builder.shape(input);
  // Only axes of size 1 move: the elements keep their order.
  if (!isAscending(order.filter((axis) => shape[axis] !== 1))) return null;
  return builder.reshape(
    input,
    order.map((axis) => shape[axis]!),
  );
}

function isAscending(order: readonly number[]): boolean {
  return order.every((axis, index) => index === 0 || order[index - 1]! < axis);
}

/** A product reads a transposed matrix as it stands. */
function simplerMatmul(
  { attributes }: NodeOf<"matmul">,
  inputs: readonly ValueId[],
  { builder, producer }: RewriteContext,
): ValueId | null {
  const [left, right, ...operands] = inputs;
  const leftSource = producer(left!);
  const rightSource = producer(right!);
  const turnsLeft = leftSource.op === "transpose";
  const turnsRight = rightSource.op === "transpose";
  if (!turnsLeft && !turnsRight) return null;
  return builder.node(
    "matmul",
    {
      transposeLeft: attributes.transposeLeft !== turnsLeft,
      transposeRight: attributes.transposeRight !== turnsRight,
      epilogue: attributes.epilogue,
    },
    [turnsLeft ? leftSource.inputs[0]! : left!, turnsRight ? rightSource.inputs[0]! : right!, ...operands],
  );
}
