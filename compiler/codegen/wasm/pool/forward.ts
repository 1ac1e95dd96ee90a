/**
 * Maximum and average pooling. Rows of a window are combined first, into one row of
 * scratch, then its columns.
 *
 * Invariant: padding never wins a maximum and adds nothing to a sum; NaN propagates.
 */
import type { PoolKernel } from "../../../select/kernel.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, i32, v128 } from "../encoder/operators.js";
import type { I32, Local, V128 } from "../encoder/value.js";
import { scratchLayout, notShared, type KernelCall, type KernelCode } from "../kernel-code.js";
import { elementAddress } from "../product/blocked.js";
import { floats } from "../product/tile.js";
import {
  fillRow,
  gatherLanes,
  loadLanes,
  overGroups,
  storeLanes,
  vectorBytes,
  vectorLanes,
} from "../vectors.js";
import { share } from "../work.js";
import { covered, directions, divisors, isHalving, reach } from "./window.js";

export function pool(spec: PoolKernel): KernelCode {
  const { vertical, horizontal } = directions(spec);
  const halves = isHalving(vertical) && isHalving(horizontal);
  const scratch = scratchLayout();
  const rowPlace = scratch.reserve(halves ? 0 : floats(reach(horizontal)));
  return {
    inputs: 1,
    outputs: 1,
    sharing: notShared,
    scratchBytes: scratch.total(),
    flops: spec.planes * spec.outHeight * spec.outWidth * spec.size[0] * spec.size[1],
    write: (f, call) => {
      const rows = share(f, call, spec.planes * spec.outHeight);
      if (halves) {
        f.range(rows.from, rows.to, 1, (row) => {
          writeHalvedRow(f, spec, call, row);
        });
        return;
      }
      const buffer = f.keep(i32.add(call.scratch, rowPlace));
      fillRow(f, buffer, reach(horizontal), neutral(spec));
      f.range(rows.from, rows.to, 1, (row) => {
        writeRow(f, spec, call, row, buffer);
      });
    },
  };
}

function isMaximum(spec: PoolKernel): boolean {
  return spec.family === "max_pool";
}

function neutral(spec: PoolKernel): V128 {
  return f32x4.constant(isMaximum(spec) ? -Infinity : 0);
}

function combine(spec: PoolKernel, left: V128, right: V128): V128 {
  return isMaximum(spec) ? f32x4.maximum(left, right) : f32x4.add(left, right);
}

/** The addresses of an input and an output row: `row` numbers the output rows of all planes. */
function rowAddresses(f: FunctionBuilder, spec: PoolKernel, call: KernelCall, row: I32) {
  const plane = i32.divide(row, spec.outHeight);
  return {
    position: f.keep(i32.remainder(row, spec.outHeight)),
    plane: f.keep(elementAddress(call.inputs[0]!, [plane, spec.height * spec.width])),
    output: f.keep(elementAddress(call.outputs[0]!, [row, spec.outWidth])),
  };
}

/** Windows of 2 x 2 side by side: two rows are read, even and odd columns parted by shuffles. */
function writeHalvedRow(f: FunctionBuilder, spec: PoolKernel, call: KernelCall, row: I32): void {
  const { position, plane, output } = rowAddresses(f, spec, call, row);
  const upper = f.keep(elementAddress(plane, [position, 2 * spec.width]));
  overGroups(f, spec.outWidth, 1, (byteOffset, [lanes]) => {
    const from = f.keep(i32.add(upper, i32.multiply(byteOffset, 2)));
    const both = (at: number, count: number): Local<"v128"> =>
      f.keep(combine(spec, loadLanes(from, count, at), loadLanes(from, count, at + floats(spec.width))));
    const first = both(0, Math.min(2 * lanes!, vectorLanes));
    const second = lanes! > 2 ? both(vectorBytes, 2 * lanes! - vectorLanes) : first;
    const even = v128.shuffle(first, second, [0, 2, 4, 6]);
    const odd = v128.shuffle(first, second, [1, 3, 5, 7]);
    const total = combine(spec, even, odd);
    const result = isMaximum(spec) ? total : f32x4.multiply(total, f32x4.constant(0.25));
    storeLanes(f, i32.add(output, byteOffset), f.keep(result), lanes!);
  });
}

function writeRow(f: FunctionBuilder, spec: PoolKernel, call: KernelCall, row: I32, buffer: I32): void {
  const { vertical, horizontal } = directions(spec);
  const { position, plane, output } = rowAddresses(f, spec, call, row);
  const window = covered(f, vertical, position);
  const interior = f.keep(i32.add(buffer, floats(horizontal.before)));
  const usedWidth = Math.min(spec.width, reach(horizontal) - horizontal.before);
  const first = f.keep(elementAddress(plane, [window.from, spec.width]));
  const end = f.keep(elementAddress(plane, [window.to, spec.width]));
  overGroups(f, usedWidth, 1, (byteOffset, [lanes]) => {
    const sum = f.keep(neutral(spec));
    const stop = f.keep(i32.add(end, byteOffset));
    f.range(i32.add(first, byteOffset), stop, floats(spec.width), (place) => {
      f.set(sum, combine(spec, sum, loadLanes(place, lanes!)));
    });
    storeLanes(f, i32.add(interior, byteOffset), sum, lanes!);
  });
  const { size, stride } = horizontal;
  const down = isMaximum(spec) ? null : divisors(vertical, spec.countIncludesPad, position);
  const verticalDivisor =
    typeof down === "number" || down === null ? down : f.keep(v128.shuffle(down, down, [0, 0, 0, 0]));
  overGroups(f, spec.outWidth, 1, (byteOffset, [lanes]) => {
    const from = f.keep(i32.add(buffer, i32.multiply(byteOffset, stride)));
    const sum = f.keep(neutral(spec));
    f.range(0, size, 1, () => {
      const taps =
        stride === 1
          ? loadLanes(from, lanes!)
          : gatherLanes(
              lanes!,
              () => from,
              (lane) => floats(lane * stride),
            );
      f.set(sum, combine(spec, sum, taps));
      f.increase(from, floats(1));
    });
    if (verticalDivisor !== null) {
      const across = divisors(horizontal, spec.countIncludesPad, i32.shiftRight(byteOffset, 2));
      f.set(sum, f32x4.divide(sum, productOf(verticalDivisor, across)));
    }
    storeLanes(f, i32.add(output, byteOffset), sum, lanes!);
  });
}

/** The product of two divisors, each a number or four. */
export function productOf(left: V128 | number, right: V128 | number): V128 {
  if (typeof left === "number" && typeof right === "number") return f32x4.constant(left * right);
  const vector = (factor: V128 | number): V128 =>
    typeof factor === "number" ? f32x4.constant(factor) : factor;
  return f32x4.multiply(vector(left), vector(right));
}
