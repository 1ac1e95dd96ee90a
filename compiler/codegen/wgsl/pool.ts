/**
 * Pooling: an invocation for every element of the output, forwards that of a window,
 * backwards that of the image, which looks at all windows that cover it.
 *
 * Invariant: gathered, never scattered, so no two invocations write to one element. The
 * first of equal maxima takes the gradient.
 */
import type { PoolKernel } from "../../select/kernel.js";
import { indent, overInvocations } from "./invocations.js";
import type { DispatchOperand, OperandAccess, WgslKernel } from "./kernel-code.js";
import { literal } from "./expression.js";

export function pool(spec: PoolKernel): WgslKernel {
  const isForward = spec.family === "max_pool" || spec.family === "avg_pool";
  const inputs = spec.family === "max_pool_gradient" ? 2 : 1;
  const windows = spec.planes * spec.outHeight * spec.outWidth;
  const elements = isForward ? windows : spec.planes * spec.height * spec.width;
  const { workgroups, entry } = overInvocations(elements);
  const operand = (number: number, access: "read" | "write"): DispatchOperand => ({
    operand: number,
    access,
    dataType: "f32",
    width: 1,
  });
  return {
    inputs,
    outputs: 1,
    scratchBytes: 0,
    flops: spec.size[0] * spec.size[1] * windows,
    dispatches: [
      {
        operands: [
          ...Array.from({ length: inputs }, (_, index) => operand(index, "read")),
          operand(inputs, "write"),
        ],
        workgroups,
        write: (access) => entry("position", isForward ? forward(spec, access) : backward(spec, access)),
      },
    ],
  };
}

/** Statements with the window at (row, column), cut at the image's edges, and what an average divides by. */
function windowAt(spec: PoolKernel, row: string, column: string): string[] {
  const [top, left, bottom, right] = spec.pad;
  const side = (
    name: string,
    position: string,
    axis: 0 | 1,
    { before, after, extent }: { readonly before: number; readonly after: number; readonly extent: number },
  ): string[] => {
    const counted = spec.countIncludesPad ? extent + after : extent;
    return [
      `let ${name}Start = i32(${position}) * ${String(spec.stride[axis])} - ${String(before)};`,
      `let ${name}From = max(${name}Start, 0);`,
      `let ${name}To = min(${name}Start + ${String(spec.size[axis])}, ${String(extent)});`,
      `let ${name}Count = min(${name}Start + ${String(spec.size[axis])}, ${String(counted)}) - ${
        spec.countIncludesPad ? `${name}Start` : `${name}From`
      };`,
    ];
  };
  return [
    ...side("y", row, 0, { before: top, after: bottom, extent: spec.height }),
    ...side("x", column, 1, { before: left, after: right, extent: spec.width }),
  ];
}

function overWindow(body: readonly string[]): string[] {
  return [
    "for (var y = yFrom; y < yTo; y++) {",
    "  for (var x = xFrom; x < xTo; x++) {",
    ...body.map((line) => indent(indent(line))),
    "  }",
    "}",
  ];
}

function forward(spec: PoolKernel, access: OperandAccess): string[] {
  const { outHeight, outWidth, height, width } = spec;
  const isMaximum = spec.family === "max_pool";
  const element = access.read(0, `plane + u32(y * ${String(width)} + x)`);
  return [
    `let column = position % ${String(outWidth)}u;`,
    `let row = (position / ${String(outWidth)}u) % ${String(outHeight)}u;`,
    `let plane = position / ${String(outHeight * outWidth)}u * ${String(height * width)}u;`,
    ...windowAt(spec, "row", "column"),
    `var result = ${isMaximum ? literal(-Infinity, "f32") : "0.0"};`,
    ...overWindow([isMaximum ? `result = max(result, ${element});` : `result += ${element};`]),
    access.write(1, "position", isMaximum ? "result" : "result / f32(yCount * xCount)"),
  ];
}

function backward(spec: PoolKernel, access: OperandAccess): string[] {
  const { outHeight, outWidth, height, width, size, stride, pad } = spec;
  const isMaximum = spec.family === "max_pool_gradient";
  const [cotangent, output] = isMaximum ? [1, 2] : [0, 1];
  const given = access.read(cotangent, `outPlane + row * ${String(outWidth)}u + column`);
  const take = isMaximum
    ? [
        `var best = ${literal(-Infinity, "f32")};`,
        "var winner = -1;",
        ...overWindow([
          `let at = y * ${String(width)} + x;`,
          `let value = ${access.read(0, "plane + u32(at)")};`,
          "if (winner < 0 || value > best) { best = value; winner = at; }",
        ]),
        `if (winner == own) { result += ${given}; }`,
      ]
    : [`result += ${given} / f32(yCount * xCount);`];
  const covering = (name: string, position: string, axis: 0 | 1, out: number): string[] => {
    const shifted = `${position} + ${String(pad[axis])}u`;
    const [window, step] = [String(size[axis]), String(stride[axis])];
    return [
      `let ${name}First = select(0u, (${shifted} - ${window}u) / ${step}u + 1u, ${shifted} >= ${window}u);`,
      `let ${name}Last = min((${shifted}) / ${step}u + 1u, ${String(out)}u);`,
    ];
  };
  return [
    `let ownColumn = position % ${String(width)}u;`,
    `let ownRow = (position / ${String(width)}u) % ${String(height)}u;`,
    `let own = i32(ownRow * ${String(width)}u + ownColumn);`,
    `let plane = position / ${String(height * width)}u * ${String(height * width)}u;`,
    `let outPlane = position / ${String(height * width)}u * ${String(outHeight * outWidth)}u;`,
    ...covering("row", "ownRow", 0, outHeight),
    ...covering("column", "ownColumn", 1, outWidth),
    "var result = 0.0;",
    "for (var row = rowFirst; row < rowLast; row++) {",
    "  for (var column = columnFirst; column < columnLast; column++) {",
    ...[...windowAt(spec, "row", "column"), ...take].map((line) => indent(indent(line))),
    "  }",
    "}",
    access.write(output, "position", "result"),
  ];
}
