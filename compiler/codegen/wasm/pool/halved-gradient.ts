/**
 * Gradients of pooling over 2 x 2 windows side by side: whole vectors, parted and
 * interleaved by shuffles.
 *
 * Invariant: every element of the gradient is written once; a row or column that no
 * window covers becomes 0.
 */
import type { PoolKernel } from "../../../select/kernel.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, i32, v128 } from "../encoder/operators.js";
import type { I32, Local, V128 } from "../encoder/value.js";
import type { KernelCall } from "../kernel-code.js";
import { elementAddress } from "../product/blocked.js";
import { floats } from "../product/tile.js";
import { fillRow, loadLanes, overGroups, storeLanes, vectorBytes, vectorLanes } from "../vectors.js";
import { share } from "../work.js";

/** The gradients at the four elements of four windows: upper left, upper right, lower left, lower right. */
type Corners = readonly [V128, V128, V128, V128];

export function writeHalvedGradient(f: FunctionBuilder, spec: PoolKernel, call: KernelCall): void {
  const { height, width, outHeight, outWidth } = spec;
  const isMaximum = spec.family === "max_pool_gradient";
  const rows = share(f, call, spec.planes * outHeight);
  f.range(rows.from, rows.to, 1, (row) => {
    const position = f.keep(i32.remainder(row, outHeight));
    const upper = (address: I32): Local<"i32"> =>
      f.keep(elementAddress(address, [i32.divide(row, outHeight), height * width], [position, 2 * width]));
    const from = isMaximum ? upper(call.inputs[0]!) : null;
    const to = upper(call.outputs[0]!);
    const cotangent = f.keep(elementAddress(call.inputs[isMaximum ? 1 : 0]!, [row, outWidth]));
    overGroups(f, outWidth, 1, (byteOffset, [lanes]) => {
      const share = f.keep(loadLanes(i32.add(cotangent, byteOffset), lanes!));
      const corners = from
        ? maximumCorners(f, windows(f, i32.add(from, i32.multiply(byteOffset, 2)), lanes!, width), share)
        : averageCorners(f, share);
      storeInterleaved(f, i32.add(to, i32.multiply(byteOffset, 2)), lanes!, width, corners);
    });
    if (width % 2 === 1) {
      const last = f.keep(f32x4.constant(0));
      for (const line of [0, width]) storeLanes(f, to, last, 1, floats(line + width - 1));
    }
    if (height % 2 === 1) {
      f.if(i32.equal(position, outHeight - 1), () => {
        fillRow(f, f.keep(i32.add(to, floats(2 * width))), width, f32x4.constant(0));
      });
    }
  });
}

/** The elements of `lanes` windows, by corner. */
function windows(f: FunctionBuilder, address: I32, lanes: number, width: number): Corners {
  const from = f.keep(address);
  const corners = [0, floats(width)].flatMap((line) => {
    const first = f.keep(loadLanes(from, Math.min(2 * lanes, vectorLanes), line));
    const second = lanes > 2 ? f.keep(loadLanes(from, 2 * lanes - vectorLanes, line + vectorBytes)) : first;
    return [
      f.keep(v128.shuffle(first, second, [0, 2, 4, 6])),
      f.keep(v128.shuffle(first, second, [1, 3, 5, 7])),
    ];
  });
  return [corners[0]!, corners[1]!, corners[2]!, corners[3]!];
}

/** The first of equal maxima takes the gradient. */
function maximumCorners(f: FunctionBuilder, corners: Corners, cotangent: V128): Corners {
  const [a, b, c, d] = corners;
  const largest = f.keep(f32x4.maximum(f32x4.maximum(a, b), f32x4.maximum(c, d)));
  const taken = f.keep(f32x4.constant(0));
  const take = (corner: V128): V128 => {
    const isFirst = f.keep(v128.andNot(f32x4.equal(corner, largest), taken));
    f.set(taken, v128.or(taken, isFirst));
    return f.keep(v128.and(isFirst, cotangent));
  };
  return [take(a), take(b), take(c), take(d)];
}

function averageCorners(f: FunctionBuilder, cotangent: V128): Corners {
  const quarter = f.keep(f32x4.multiply(cotangent, f32x4.constant(0.25)));
  return [quarter, quarter, quarter, quarter];
}

function storeInterleaved(
  f: FunctionBuilder,
  address: I32,
  lanes: number,
  width: number,
  corners: Corners,
): void {
  const to = f.keep(address);
  const [a, b, c, d] = corners;
  for (const [line, left, right] of [
    [0, a, b],
    [floats(width), c, d],
  ] as const) {
    const first = f.keep(v128.shuffle(left, right, [0, 4, 1, 5]));
    storeLanes(f, to, first, Math.min(2 * lanes, vectorLanes), line);
    if (lanes <= 2) continue;
    const second = f.keep(v128.shuffle(left, right, [2, 6, 3, 7]));
    storeLanes(f, to, second, 2 * lanes - vectorLanes, line + vectorBytes);
  }
}
