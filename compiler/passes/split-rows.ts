/**
 * Computes tensors that are larger than a GPU binds at once block of rows by block of rows,
 * so that none of them ever exists whole: large weights, their gradients, what an optimizer
 * makes of them.
 *
 * before:  w = buffer W; y = matmul(x, w^T); g = matmul(d^T, x)
 *          update W <- map(w - rate * g)
 * after:   w0 = buffer W rows 0..; w1 = buffer W rows 1..; y = concat(matmul(x, w0^T), matmul(x, w1^T))
 *          g0 = matmul(d[:, 0..]^T, x); g1 = ...
 *          update W rows 0.. <- map(w0 - rate * g0), W rows 1.. <- map(w1 - rate * g1)
 *
 * Invariant: every result is the same sum of the same products as before, except that what is
 * contracted over blocks is added up block by block. What some node cannot read in blocks
 * (a large activation, a transposed weight) stays whole.
 */
import type { Expression } from "../../runtime/program/expression.js";
import { invariant } from "../diagnostics/invariant.js";
import { createGraphBuilder } from "../ir/create-builder.js";
import { replaceLeaves } from "../ir/expression-tree.js";
import * as e from "../ir/expressions.js";
import type { Graph, NamedValue, Node, NodeOf, Update, ValueId } from "../ir/graph.js";
import {
  blockName,
  blockShape,
  isLarge,
  type LargeOutput,
  type RowBlock,
  rowBlocksOf,
} from "../ir/row-blocks.js";
import { elementCount } from "../ir/shapes.js";
import { copyNode, producersOf } from "./rewrite.js";

export interface SplitGraph {
  readonly graph: Graph;
  /** Outputs that come in blocks: they are updates of these buffers instead. */
  readonly largeOutputs: readonly LargeOutput[];
}

/**
 * The same graph where nothing in it is larger than `mostBytes` and can be cut.
 * @param owner whose outputs these are: unique among the entry points of a program
 */
export function splitRows(graph: Graph, mostBytes: number, owner: string): SplitGraph {
  const inBlocks = valuesInBlocks(graph, mostBytes);
  if (inBlocks.size === 0) return { graph, largeOutputs: [] };

  const builder = createGraphBuilder();
  const producers = producersOf(graph);
  const wholes: ValueId[] = [];
  const cuts = new Map<string, ValueId>();
  const shapeOf = (value: ValueId): readonly number[] => graph.types[value]!.shape;
  const blocksOf = (value: ValueId): readonly RowBlock[] => {
    const blocks = rowBlocksOf(shapeOf(value), mostBytes);
    invariant(blocks !== null, () => `%${String(value)} has no blocks`);
    return blocks;
  };
  const labelled = (node: Node, build: () => ValueId): ValueId => builder.labelled(node.label, build);

  /** The value in the new graph, in one piece. */
  function whole(value: ValueId): ValueId {
    const known = wholes[value];
    if (known !== undefined) return known;
    const node = producers[value]!;
    const built = labelled(node, () =>
      node.op === "buffer"
        ? builder.node(
            "concat",
            { axis: 0 },
            blocksOf(value).map((block) => rows(value, block)),
          )
        : copyNode(node, node.inputs.map(whole), builder)[0]!,
    );
    wholes[value] = built;
    return built;
  }

  /** Rows of a value, made without the others where that is possible. */
  function rows(value: ValueId, block: RowBlock): ValueId {
    if (!inBlocks.has(value)) return cut(value, 0, block);
    const key = `${String(value)}:${String(block.start)}:${String(block.stop)}`;
    const known = cuts.get(key);
    if (known !== undefined) return known;
    const node = producers[value]!;
    const built = labelled(node, () => buildRows(node, value, block));
    cuts.set(key, built);
    return built;
  }

  function buildRows(node: Node, value: ValueId, block: RowBlock): ValueId {
    const shape = blockShape(shapeOf(value), block);
    switch (node.op) {
      case "buffer":
        return bufferRows(node, value, block);
      case "map":
        return builder.map(
          inRows(node.attributes.expression, block.start, elementCount(shape.slice(1))),
          node.inputs.map((input) => operandRows(input, block)),
          shape,
        );
      case "reshape":
        return builder.reshape(rows(node.inputs[0]!, block), shape);
      case "matmul": {
        const [left, right] = node.inputs;
        const { transposeLeft } = node.attributes;
        return builder.node("matmul", node.attributes, [
          cut(left!, transposeLeft ? 1 : 0, block),
          whole(right!),
        ]);
      }
      default:
        invariant(false, () => `rows of ${node.op}`);
    }
  }

  /** Of a map's operand, which may only repeat along the rows. */
  function operandRows(operand: ValueId, block: RowBlock): ValueId {
    const [first = 1] = shapeOf(operand);
    return first === 1 ? whole(operand) : rows(operand, block);
  }

  function bufferRows({ attributes }: NodeOf<"buffer">, value: ValueId, wanted: RowBlock): ValueId {
    const pieces = blocksOf(value).flatMap((block) => {
      const start = Math.max(block.start, wanted.start);
      const stop = Math.min(block.stop, wanted.stop);
      if (start >= stop) return [];
      const shape = blockShape(attributes.type.shape, block);
      const content = builder.buffer(blockName(attributes.name, block), { ...attributes.type, shape });
      return [slice(content, 0, { start: start - block.start, stop: stop - block.start })];
    });
    return pieces.length === 1 ? pieces[0]! : builder.node("concat", { axis: 0 }, pieces);
  }

  /** A stretch of a value along an axis. */
  function cut(value: ValueId, axis: number, block: RowBlock): ValueId {
    return axis === 0 && inBlocks.has(value) ? rows(value, block) : slice(whole(value), axis, block);
  }

  function slice(value: ValueId, axis: number, { start, stop }: RowBlock): ValueId {
    const shape = builder.shape(value);
    if (start === 0 && stop === shape[axis]) return value;
    return builder.node(
      "slice",
      {
        start: shape.map((_, other) => (other === axis ? start : 0)),
        stop: shape.map((size, other) => (other === axis ? stop : size)),
        step: shape.map(() => 1),
      },
      [value],
    );
  }

  /** A node that reads values which come in blocks. */
  function readBlocks(node: Node): ValueId | null {
    if (node.op === "matmul") return readProduct(node);
    if (node.op !== "reduce") return null;
    const [input] = node.inputs as [ValueId];
    const { combine, axes } = node.attributes;
    const parts = blocksOf(input).map((block) => builder.reduce(combine, rows(input, block), axes));
    if (!axes.includes(0)) return builder.node("concat", { axis: 0 }, parts);
    return parts.reduce((left, right) => builder.binary(combine === "sum" ? "add" : "maximum", left, right));
  }

  /** Blocks of what is not contracted give stretches of the product, the others terms of a sum. */
  function readProduct({ attributes, inputs }: NodeOf<"matmul">): ValueId {
    const [left, right] = inputs as readonly [ValueId, ValueId];
    const { transposeLeft, transposeRight } = attributes;
    const product = (a: ValueId, b: ValueId) => builder.node("matmul", attributes, [a, b]);
    const isOverRight = inBlocks.has(right);
    const parts = blocksOf(isOverRight ? right : left).map((block) => {
      if (isOverRight) {
        const factor = transposeRight ? whole(left) : cut(left, transposeLeft ? 0 : 1, block);
        return product(factor, rows(right, block));
      }
      return product(
        rows(left, block),
        transposeLeft ? cut(right, transposeRight ? 1 : 0, block) : whole(right),
      );
    });
    const contracts = isOverRight ? !transposeRight : transposeLeft;
    if (contracts) return parts.reduce((sum, part) => builder.add(sum, part));
    return builder.node("concat", { axis: isOverRight ? 1 : 0 }, parts);
  }

  for (const node of graph.nodes) {
    const [output] = node.outputs as [ValueId];
    if (inBlocks.has(output)) continue;
    builder.labelled(node.label, () => {
      const own = node.inputs.some((input) => inBlocks.has(input)) ? readBlocks(node) : null;
      const results = own === null ? copyNode(node, node.inputs.map(whole), builder) : [own];
      node.outputs.forEach((value, index) => (wholes[value] = results[index]!));
    });
  }

  const largeOutputs: LargeOutput[] = [];
  const outputs: NamedValue[] = [];
  const updates: Update[] = [];
  const update = (buffer: string, value: ValueId, blocks: readonly RowBlock[]): void => {
    for (const block of blocks) updates.push({ buffer: blockName(buffer, block), value: rows(value, block) });
  };
  for (const [position, { name, value }] of graph.outputs.entries()) {
    if (!inBlocks.has(value)) outputs.push({ name, value: whole(value) });
    else {
      const buffer = `${name} of ${owner}`;
      largeOutputs.push({ name, position, shape: shapeOf(value), buffer });
      update(buffer, value, blocksOf(value));
    }
  }
  for (const { buffer, value } of graph.updates) {
    const blocks = rowBlocksOf(shapeOf(value), mostBytes);
    if (blocks === null) updates.push({ buffer, value: whole(value) });
    else update(buffer, value, blocks);
  }
  return { graph: builder.finish(graph.name, outputs, updates), largeOutputs };
}

/** Large values of which every row can be made without another large value in one piece. */
function valuesInBlocks(graph: Graph, mostBytes: number): ReadonlySet<ValueId> {
  const found = new Set<ValueId>();
  const shapeOf = (value: ValueId): readonly number[] => graph.types[value]!.shape;
  const isSmall = (value: ValueId): boolean => !isLarge(shapeOf(value), mostBytes);
  for (const node of graph.nodes) {
    const [output, ...others] = node.outputs;
    if (output === undefined || others.length > 0) continue;
    if (rowBlocksOf(shapeOf(output), mostBytes) === null) continue;
    const [first, second] = node.inputs;
    const isFound = (value: ValueId | undefined): boolean => value !== undefined && found.has(value);
    const can = ((): boolean => {
      switch (node.op) {
        case "buffer":
          return true;
        case "map":
          return node.inputs.every((input) => isSmall(input) || found.has(input));
        case "reshape":
          return isFound(first) && shapeOf(first!)[0] === shapeOf(output)[0];
        case "matmul":
          return (isSmall(first!) || (isFound(first) && !node.attributes.transposeLeft)) && isSmall(second!);
        default:
          return false;
      }
    })();
    if (can) found.add(output);
  }
  return found;
}

/** An expression at a position that counts from the first row of a block instead of the tensor's. */
function inRows(expression: Expression, start: number, rowElements: number): Expression {
  return replaceLeaves(expression, (leaf) => {
    if (leaf.kind === "coordinate" && leaf.axis === 0) return e.add(leaf, e.constant(start));
    if (leaf.kind === "random") return { ...leaf, offset: leaf.offset + start * rowElements };
    return leaf;
  });
}
