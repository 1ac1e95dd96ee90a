/**
 * The GraphBuilder: appends nodes whose types the op table infers.
 *
 * Invariant: the nodes built are in topological order, and each source (an input,
 * buffer or scalar of one name, a constant of one value) is one node.
 */
import { ops } from "../ops/index.js";
import { invariant } from "../diagnostics/invariant.js";
import type { GraphBuilder } from "./builder.js";
import { inputsOf, replaceInputs } from "./expression-tree.js";
import * as e from "./expressions.js";
import type { Graph, Node, NodeOf, Op, OpAttributes, TensorType, ValueId } from "./graph.js";
import { commonShape, elementCount, sameShape } from "./shapes.js";

export function createGraphBuilder(): GraphBuilder {
  const nodes: Node[] = [];
  const types: TensorType[] = [];
  const sources = new Map<string, { readonly value: ValueId; readonly attributes: string }>();
  let label = "";

  const type = (value: ValueId): TensorType => {
    const found = types[value];
    invariant(found !== undefined, () => `value ${String(value)} is not of this graph`);
    return found;
  };
  const shape = (value: ValueId): readonly number[] => type(value).shape;

  function append<K extends Op>(
    op: K,
    attributes: OpAttributes[K],
    inputs: readonly ValueId[],
  ): readonly ValueId[] {
    const inferred = ops[op].infer(attributes, inputs.map(type));
    const outputs = add(inferred);
    const node: NodeOf<K> = { op, attributes, inputs: [...inputs], outputs, label };
    nodes.push(node as Node);
    return outputs;
  }

  /** New values of these types. */
  function add(results: readonly TensorType[]): readonly ValueId[] {
    return results.map((result) => (types.push(result) - 1) as ValueId);
  }

  function node<K extends Op>(op: K, attributes: OpAttributes[K], inputs: readonly ValueId[]): ValueId {
    const [output, ...others] = append(op, attributes, inputs);
    invariant(output !== undefined && others.length === 0, () => `${op} has not one output`);
    return output;
  }

  function source<K extends Op>(op: K, name: string, attributes: OpAttributes[K]): ValueId {
    const key = `${op} ${name}`;
    const written = JSON.stringify(attributes);
    const known = sources.get(key);
    if (known === undefined) {
      const value = node(op, attributes, []);
      sources.set(key, { value, attributes: written });
      return value;
    }
    invariant(known.attributes === written, () => `two different sources are called ${name}`);
    return known.value;
  }

  const builder: GraphBuilder = {
    type,
    shape,
    node,
    nodes: append,
    copy: ({ op, attributes }, inputs, results) => {
      const outputs = add(results);
      nodes.push({ op, attributes, inputs, outputs, label } as Node);
      return outputs;
    },
    built: () => nodes,
    labelled: (inner, build) => {
      const outer = label;
      label = inner;
      try {
        return build();
      } finally {
        label = outer;
      }
    },

    input: (name, inputType, limit = null) => source("input", name, { name, type: inputType, limit }),
    buffer: (name, bufferType) => source("buffer", name, { name, type: bufferType }),
    scalar: (name, expression) => source("scalar", name, { name, expression }),
    constant: (value) => source("constant", Object.is(value, -0) ? "-0" : String(value), { value }),

    map: (expression, operands, given) => {
      const domain = given ?? commonShape(operands.map(shape));
      invariant(
        domain !== null,
        () => `operands of ${operands.map((operand) => `[${shape(operand).join()}]`).join()}`,
      );
      // Each operand once, and only those that are read.
      const read = inputsOf(expression).map((index) => operands[index]!);
      const distinct = [...new Set(read)];
      if (distinct.length === operands.length) return node("map", { expression, shape: domain }, distinct);
      const compact = replaceInputs(expression, (index) => e.input(distinct.indexOf(operands[index]!)));
      return node("map", { expression: compact, shape: domain }, distinct);
    },
    unary: (operator, value) => builder.map(e.unary(operator, e.input(0)), [value]),
    binary: (operator, left, right) => builder.map(e.binary(operator, e.input(0), e.input(1)), [left, right]),
    add: (left, right) => builder.binary("add", left, right),
    subtract: (left, right) => builder.binary("subtract", left, right),
    multiply: (left, right) => builder.binary("multiply", left, right),
    divide: (left, right) => builder.binary("divide", left, right),
    scale: (value, factor) => builder.map(e.multiply(e.input(0), e.constant(factor)), [value]),

    reduce: (combine, value, axes) =>
      node("reduce", { combine, axes: [...axes].sort((a, b) => a - b) }, [value]),
    mean: (value, axes) => {
      const count = elementCount(axes.map((axis) => shape(value)[axis]!));
      return builder.scale(builder.reduce("sum", value, axes), 1 / count);
    },
    reshape: (value, target) =>
      sameShape(shape(value), target) ? value : node("reshape", { shape: target }, [value]),
    broadcast: (value, target) =>
      sameShape(shape(value), target) ? value : builder.map(e.input(0), [value], target),
    detach: (value) => node("detach", {}, [value]),

    finish: (name, outputs, updates): Graph => ({
      name,
      nodes: [...nodes],
      types: [...types],
      outputs: [...outputs],
      updates: [...updates],
    }),
  };
  return builder;
}
