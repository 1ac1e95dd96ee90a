/**
 * Pulls maps into the product whose elements they work on: biases, activations, residual
 * additions and, in gradients, the multiplication by an activation's derivative.
 *
 * before:  c = matmul(a, b); s = map(in0 + in1)(c, bias); y = map(tanh(in0))(s)
 * after:   y = matmul(a, b, bias) { epilogue tanh(in0 + in1) }
 *
 * Invariant: only a value that nothing else reads is pulled in, so no product is
 * computed twice. Where a gradient meets work on the optimizer's state (momentum, decay),
 * the product stops: the loop of the update takes it all, instead of being split in three.
 */
import type { Expression } from "../../runtime/program/expression.js";
import { isLargerThan, replaceInputs, someNode } from "../ir/expression-tree.js";
import * as e from "../ir/expressions.js";
import type { Graph, Node, NodeOf, ValueId } from "../ir/graph.js";
import { elementCount } from "../ir/shapes.js";
import { productOperands } from "../ops/epilogue.js";
import { dropDeadCode } from "./dead-code.js";
import { translateShape } from "./fusion/axes.js";
import { longestExpression } from "./fusion/cost.js";
import { leavingValues, producersOf, rewrite, usersOf, type RewriteContext } from "./rewrite.js";

type Product = NodeOf<"matmul"> | NodeOf<"conv"> | NodeOf<"conv_input_gradient">;

/** An epilogue reads at most this many tensors: their addresses compete for registers with the product's tile. */
const mostOperands = 6;

export function fuseEpilogues(graph: Graph): Graph {
  const users = usersOf(graph);
  const leaving = leavingValues(graph);
  const isReadOnce = (value: ValueId): boolean => users[value]!.length === 1 && !leaving.has(value);
  const producers = producersOf(graph);

  /** Whether the value is a product's, through reshapes, and only this one reader wants it. */
  const isLoose = (value: ValueId): boolean => {
    const producer = producers[value]!;
    return isReadOnce(value) && (producer.op !== "reshape" || isLoose(producer.inputs[0]!));
  };

  const fused = rewrite(graph, (node, inputs, context) => {
    if (node.op === "map") {
      // The latest product absorbs; an earlier one stays its operand.
      const candidates = node.inputs
        .flatMap((input, index) => (isLoose(input) ? [index] : []))
        .sort((left, right) => inputs[right]! - inputs[left]!);
      for (const index of candidates) {
        const result = absorb(node, index, inputs, context);
        if (result !== null) return [result];
      }
    }
    return context.copy(node, inputs);
  });
  return dropDeadCode(fused);
}

/** The map as the epilogue of the product that makes its input `index`; null when it does not fit. */
function absorb(
  { attributes: { expression, shape } }: NodeOf<"map">,
  index: number,
  inputs: readonly ValueId[],
  { builder, producer }: RewriteContext,
): ValueId | null {
  const product = productBehind(inputs[index]!, producer);
  if (product === null) return null;
  const { attributes } = product;
  if (someNode(expression, ({ kind }) => kind === "coordinate" || kind === "random")) return null;
  const domain = builder.shape(product.outputs[0]!);
  const operands = product.inputs.slice(productOperands);
  const inner = attributes.epilogue?.expression ?? e.input(0);
  const reads: Expression[] = [];
  for (const [position, input] of inputs.entries()) {
    const seen = translateShape(builder.shape(input), shape, domain);
    if (seen === null) return null;
    if (position === index) {
      reads.push(inner);
      continue;
    }
    if (elementCount(seen) === elementCount(domain) && isWorkOnBuffers(input, producer)) return null;
    const operand = builder.shape(input).length === 0 ? input : builder.reshape(input, seen);
    const known = operands.indexOf(operand);
    reads.push(e.input(1 + (known >= 0 ? known : operands.push(operand) - 1)));
  }
  if (operands.filter((operand) => builder.shape(operand).length > 0).length > mostOperands) return null;
  const epilogue = { expression: replaceInputs(expression, (input) => reads[input]!) };
  if (isLargerThan(epilogue.expression, longestExpression)) return null;
  const operandsOfAll = [...product.inputs.slice(0, productOperands), ...operands];
  return builder.reshape(buildProduct(product, epilogue, operandsOfAll, builder), shape);
}

function buildProduct(
  product: Product,
  epilogue: { readonly expression: Expression },
  operands: readonly ValueId[],
  builder: RewriteContext["builder"],
): ValueId {
  switch (product.op) {
    case "matmul":
      return builder.node(product.op, { ...product.attributes, epilogue }, operands);
    case "conv":
      return builder.node(product.op, { ...product.attributes, epilogue }, operands);
    case "conv_input_gradient":
      return builder.node(product.op, { ...product.attributes, epilogue }, operands);
  }
}

/** Whether a value is pointwise work on persistent buffers alone: a step of an optimizer's rule. */
function isWorkOnBuffers(value: ValueId, producer: (value: ValueId) => Node): boolean {
  const node = producer(value);
  if (node.op === "reshape") return isWorkOnBuffers(node.inputs[0]!, producer);
  if (node.op !== "map") return false;
  const tensors = node.inputs.filter((input) => !isNumber(producer(input)));
  return (
    tensors.length > 0 &&
    tensors.every((input) => producer(input).op === "buffer" || isWorkOnBuffers(input, producer))
  );
}

function isNumber({ op }: Node): boolean {
  return op === "constant" || op === "scalar";
}

/** The product that makes a value, looking through reshapes. */
function productBehind(value: ValueId, producer: (value: ValueId) => Node): Product | null {
  const node = producer(value);
  switch (node.op) {
    case "reshape":
      return productBehind(node.inputs[0]!, producer);
    case "matmul":
    case "conv":
    case "conv_input_gradient":
      return node;
    default:
      return null;
  }
}
