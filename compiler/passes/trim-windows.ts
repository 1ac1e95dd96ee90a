/**
 * Cuts rows and columns off a convolution's window that meet nothing but padding, in inference
 * graphs, where `hoist` then cuts the weight once and for all. Small images come to it: of a ResNet
 * at 32 x 32, the last stage sees one pixel, and eight of nine weights see none.
 *
 * before:  y = conv(x, w), pad 1        x [n, c, 1, 1], w = buffer [o, c, 3, 3]
 * after:   t = slice w; y = conv(x, t), pad 0                     t [o, c, 1, 1]
 *
 * Invariant: the window keeps a row and a column, and no padding becomes negative.
 */
import type { ConvAttributes, Graph, Node, TensorType, ValueId } from "../ir/graph.js";
import { weightsOf } from "./weights.js";

export function trimWindows(graph: Graph): Graph {
  const weights = weightsOf(graph);
  const types: TensorType[] = [...graph.types];
  const nodes = graph.nodes.flatMap((node): Node[] => {
    if (node.op !== "conv") return [node];
    const [x, weight, ...operands] = node.inputs;
    if (x === undefined || weight === undefined || !weights.has(weight)) return [node];
    const shape = graph.types[weight]!.shape;
    const image = graph.types[x]!.shape;
    const output = graph.types[node.outputs[0]!]!.shape;
    const [top, bottom] = emptyTaps(node.attributes, 0, shape, image, output);
    const [left, right] = emptyTaps(node.attributes, 1, shape, image, output);
    if (top + bottom + left + right === 0) return [node];
    const { pad, dilation } = node.attributes;
    const start = [0, 0, top, left];
    const stop = [shape[0]!, shape[1]!, shape[2]! - bottom, shape[3]! - right];
    const trimmed = types.length as ValueId;
    types.push({ dataType: "f32", shape: stop.map((end, axis) => end - start[axis]!) });
    return [
      {
        op: "slice",
        attributes: { start, stop, step: [1, 1, 1, 1] },
        inputs: [weight],
        outputs: [trimmed],
        label: `trim ${node.label}`,
      },
      {
        ...node,
        attributes: {
          ...node.attributes,
          pad: [
            pad[0] - top * dilation[0],
            pad[1] - left * dilation[1],
            pad[2] - bottom * dilation[0],
            pad[3] - right * dilation[1],
          ],
        },
        inputs: [x, trimmed, ...operands],
      },
    ];
  });
  return types.length === graph.types.length ? graph : { ...graph, nodes, types };
}

/** How many places of the window, from its beginning and from its end, are outside the image wherever it stands. */
function emptyTaps(
  { stride, pad, dilation }: ConvAttributes,
  axis: 0 | 1,
  weight: readonly number[],
  image: readonly number[],
  output: readonly number[],
): readonly [first: number, last: number] {
  const [size, extent, positions] = [weight[2 + axis]!, image[2 + axis]!, output[2 + axis]!];
  const step = dilation[axis];
  const before = pad[axis];
  const after = pad[axis + 2]!;
  /** Where the first place of the last window stands. */
  const furthest = (positions - 1) * stride[axis] - before;
  let first = 0;
  while (first < size - 1 && (first + 1) * step <= before && furthest + first * step < 0) first += 1;
  let last = 0;
  const place = (): number => (size - 1 - last) * step - before;
  while (first + last < size - 1 && (last + 1) * step <= after && place() >= extent) last += 1;
  return [first, last];
}
