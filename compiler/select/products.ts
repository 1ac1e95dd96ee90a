/** Selection of matrix products and convolutions, with the epilogues that run on their results. */
import { invariant } from "../diagnostics/invariant.js";
import type { Epilogue, Node, NodeOf, ValueId } from "../ir/graph.js";
import { describeEpilogue, describeWindow } from "./describe.js";
import type { ConvGeometry, KernelEpilogue, KernelSpec, SlotId } from "./kernel.js";
import { bindOperands } from "./operands.js";
import { type Selection, addCall, imageOf, operandOf, slotOf, typeOf } from "./selection.js";

export function selectMatmul(selection: Selection, node: NodeOf<"matmul">): void {
  const { transposeLeft, transposeRight } = node.attributes;
  const [left, right, output] = [node.inputs[0]!, node.inputs[1]!, node.outputs[0]!];
  const shape = typeOf(selection, left).shape;
  const [m, n] = typeOf(selection, output).shape;
  const k = transposeLeft ? shape[0] : shape[1];
  invariant(m !== undefined && n !== undefined && k !== undefined, "matmul wants matrices");
  const { epilogue, slots } = selectEpilogue(selection, node, node.attributes.epilogue);
  const kernel: KernelSpec = { family: "matmul", m, n, k, transposeLeft, transposeRight, epilogue };
  const inputs = [slotOf(selection, left), slotOf(selection, right), ...slots];
  const what = `matmul ${String(m)}x${String(k)}x${String(n)}${describeEpilogue(epilogue)}`;
  addCall(selection, node, kernel, inputs, what);
}

type ConvolutionNode = NodeOf<"conv"> | NodeOf<"conv_input_gradient"> | NodeOf<"conv_weight_gradient">;

export function selectConvolution(selection: Selection, node: ConvolutionNode): void {
  const [first, second, output] = [node.inputs[0]!, node.inputs[1]!, node.outputs[0]!];
  const inputs = [slotOf(selection, first), slotOf(selection, second)];
  switch (node.op) {
    case "conv": {
      const geometry = geometryOf(selection, node, { x: first, y: output, weight: second });
      const { epilogue, slots } = selectEpilogue(selection, node, node.attributes.epilogue);
      const what = `conv ${describeWindow(geometry)}${describeEpilogue(epilogue)}`;
      addCall(selection, node, { family: "conv", ...geometry, epilogue }, [...inputs, ...slots], what);
      return;
    }
    case "conv_input_gradient": {
      const geometry = geometryOf(selection, node, { x: output, y: first, weight: second });
      const { epilogue, slots } = selectEpilogue(selection, node, node.attributes.epilogue);
      const kernel: KernelSpec = { family: "conv_input_gradient", ...geometry, epilogue };
      const what = `conv ${describeWindow(geometry)} input gradient${describeEpilogue(epilogue)}`;
      addCall(selection, node, kernel, [...inputs, ...slots], what);
      return;
    }
    case "conv_weight_gradient": {
      const geometry = geometryOf(selection, node, { x: first, y: second, weight: output });
      const kernel: KernelSpec = { family: "conv_weight_gradient", ...geometry };
      addCall(selection, node, kernel, inputs, `conv ${describeWindow(geometry)} weight gradient`);
      return;
    }
  }
}

/** The geometry of the forward convolution x, weight -> y. */
function geometryOf(
  selection: Selection,
  node: ConvolutionNode,
  values: { readonly x: ValueId; readonly y: ValueId; readonly weight: ValueId },
): ConvGeometry {
  const { stride, pad, dilation, groups } = node.attributes;
  const [batch, channels, height, width] = imageOf(selection, values.x);
  const [, outChannels, outHeight, outWidth] = imageOf(selection, values.y);
  const [, , rows, columns] = imageOf(selection, values.weight);
  return {
    stride,
    pad,
    dilation,
    groups,
    batch,
    channels,
    height,
    width,
    outChannels,
    outHeight,
    outWidth,
    size: [rows, columns],
  };
}

/** The epilogue's operands follow the node's own two. */
function selectEpilogue(
  selection: Selection,
  node: Node,
  epilogue: Epilogue | null,
): { readonly epilogue: KernelEpilogue | null; readonly slots: readonly SlotId[] } {
  if (epilogue === null) return { epilogue: null, slots: [] };
  const given = node.inputs.slice(2).map((input) => operandOf(selection, input));
  const bound = bindOperands(given, typeOf(selection, node.outputs[0]!).shape, 1);
  return {
    epilogue: { expression: bound.rewrite(epilogue.expression), operands: bound.operands },
    slots: bound.slots,
  };
}
