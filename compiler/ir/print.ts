/**
 * Prints a Graph as text: one line per node, stable, for people and golden files.
 *
 *   %3: f32[32, 6, 28, 28] = conv %0, %1, %2 { stride [1, 1], ..., epilogue tanh(in0 + in1) }   # conv1
 */
import type { Epilogue, Graph, LoopAttributes, Node, TensorType, ValueId } from "./graph.js";
import { printExpression } from "./print-expression.js";

export function printGraph(graph: Graph): string {
  const lines = graph.nodes.map((node) => `  ${printNode(graph, node)}`);
  const outputs = graph.outputs.map(({ name, value }) => `  output ${name} = ${printValue(value)}`);
  const updates = graph.updates.map(({ buffer, value }) => `  update ${buffer} = ${printValue(value)}`);
  return [`graph ${graph.name} {`, ...lines, ...outputs, ...updates, "}", ""].join("\n");
}

/** `f32[32, 10]` */
export function printType({ dataType, shape }: TensorType): string {
  return `${dataType}[${shape.join(", ")}]`;
}

/** One node with its types, without indentation. */
export function printNode(graph: Graph, node: Node): string {
  const outputs = node.outputs.map(
    (output) => `${printValue(output)}: ${printOptionalType(graph.types[output])}`,
  );
  const inputs = node.inputs.map(printValue).join(", ");
  const attributes = printAttributes(node);
  const label = node.label === "" ? "" : `   # ${node.label}`;
  return (
    [outputs.join(", "), "=", node.op, inputs, attributes].filter((part) => part !== "").join(" ") + label
  );
}

function printValue(value: ValueId): string {
  return `%${String(value)}`;
}

function printOptionalType(type: TensorType | undefined): string {
  return type === undefined ? "?" : printType(type);
}

function printAttributes(node: Node): string {
  switch (node.op) {
    case "input": {
      const { name, limit } = node.attributes;
      return limit === null ? name : `${name} in 0..${String(limit)}`;
    }
    case "buffer":
      return node.attributes.name;
    case "scalar":
      return `${node.attributes.name} = ${printExpression(node.attributes.expression)}`;
    case "constant":
      return String(node.attributes.value);
    case "map":
      return `{ ${printExpression(node.attributes.expression)} }`;
    case "loop":
      return `{ ${printLoop(node.attributes)} }`;
    default:
      return printFields(node.attributes);
  }
}

function printLoop({ domain, reducedAxes, reductions, outputs }: LoopAttributes): string {
  const over = reducedAxes.length === 0 ? "" : ` reducing ${reducedAxes.join(", ")}`;
  return [
    `over [${domain.join(", ")}]${over}`,
    ...reductions.map(
      ({ combine, expression }, index) => `r${String(index)} = ${combine} ${printExpression(expression)}`,
    ),
    ...outputs.map(({ expression, over: where }) =>
      where === "kept" ? `row ${printExpression(expression)}` : `out ${printExpression(expression)}`,
    ),
  ].join("; ");
}

/** `{ stride [1, 1], groups 1 }`, leaving out what is false or null. */
function printFields(attributes: object): string {
  const fields = Object.entries(attributes).flatMap(([name, value]: [string, unknown]) => {
    if (value === null || value === false) return [];
    if (value === true) return [name];
    if (name === "epilogue") return [`epilogue ${printExpression((value as Epilogue).expression)}`];
    return [`${name} ${Array.isArray(value) ? `[${value.join(", ")}]` : String(value)}`];
  });
  return fields.length === 0 ? "" : `{ ${fields.join(", ")} }`;
}
