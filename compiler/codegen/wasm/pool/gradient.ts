/**
 * Gradients of maximum and average pooling: each window gives its cotangent to its first
 * maximum, or in equal parts to all its elements.
 *
 * Invariant: contributions of overlapping windows are added in row-major order of the
 * windows; one thread computes a plane (maximum) or a row (average) wholly.
 */
import type { PoolKernel } from "../../../select/kernel.js";
import { planFrame } from "../conv/frame.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { f32, f32x4, i32, i32x4, v128 } from "../encoder/operators.js";
import type { I32 } from "../encoder/value.js";
import { scratchLayout, notShared, type KernelCode } from "../kernel-code.js";
import { elementAddress } from "../product/blocked.js";
import { floats } from "../product/tile.js";
import { copyRow, fillRow, gatherLanes, loadLanes, overGroups, storeLanes } from "../vectors.js";
import { share } from "../work.js";
import { productOf } from "./forward.js";
import { writeHalvedGradient } from "./halved-gradient.js";
import { covering, directions, divisors, isHalving, reach } from "./window.js";

export function poolGradient(spec: PoolKernel): KernelCode {
  const { vertical, horizontal } = directions(spec);
  const flops = spec.planes * spec.outHeight * spec.outWidth * spec.size[0] * spec.size[1];
  const isMaximum = spec.family === "max_pool_gradient";
  if (isHalving(vertical) && isHalving(horizontal)) {
    return {
      inputs: isMaximum ? 2 : 1,
      outputs: 1,
      sharing: notShared,
      scratchBytes: 0,
      flops,
      write: (f, call) => {
        writeHalvedGradient(f, spec, call);
      },
    };
  }
  return isMaximum ? maximumGradient(spec, flops) : averageGradient(spec, flops);
}

function averageGradient(spec: PoolKernel, flops: number): KernelCode {
  const { vertical, horizontal } = directions(spec);
  const scratch = scratchLayout();
  const parts = scratch.reserve(floats(spec.outWidth));
  const lineLength = Math.max(reach(horizontal), horizontal.before + spec.width);
  const line = scratch.reserve(floats(lineLength));
  return {
    inputs: 1,
    outputs: 1,
    sharing: notShared,
    scratchBytes: scratch.total(),
    flops,
    write: (f, call) => {
      const partsAddress = f.keep(i32.add(call.scratch, parts));
      const lineAddress = f.keep(i32.add(call.scratch, line));
      const rows = share(f, call, spec.planes * spec.height);
      f.range(rows.from, rows.to, 1, (row) => {
        const plane = f.keep(i32.divide(row, spec.height));
        const windows = covering(f, vertical, i32.remainder(row, spec.height));
        writeParts(
          f,
          spec,
          elementAddress(call.inputs[0]!, [plane, spec.outHeight * spec.outWidth]),
          windows,
          partsAddress,
        );
        fillRow(f, lineAddress, lineLength, f32x4.constant(0));
        scatterParts(f, spec, partsAddress, lineAddress);
        const to = f.keep(elementAddress(call.outputs[0]!, [row, spec.width]));
        copyRow(f, i32.add(lineAddress, floats(horizontal.before)), to, spec.width);
      });
    },
  };
}

/** For every column of windows: what an element of the current row gets from them. */
function writeParts(
  f: FunctionBuilder,
  spec: PoolKernel,
  cotangent: I32,
  windows: { readonly from: I32; readonly to: I32 },
  parts: I32,
): void {
  const { vertical, horizontal } = directions(spec);
  const plane = f.keep(cotangent);
  overGroups(f, spec.outWidth, 1, (byteOffset, [lanes]) => {
    const sum = f.keep(f32x4.constant(0));
    const across = divisors(horizontal, spec.countIncludesPad, i32.shiftRight(byteOffset, 2));
    f.range(windows.from, windows.to, 1, (position) => {
      const row = i32.add(elementAddress(plane, [position, spec.outWidth]), byteOffset);
      const down = divisors(vertical, spec.countIncludesPad, position);
      const divisor = productOf(
        typeof down === "number" ? down : f.keep(v128.shuffle(f.keep(down), f.keep(down), [0, 0, 0, 0])),
        across,
      );
      f.set(sum, f32x4.add(sum, f32x4.divide(loadLanes(row, lanes!), divisor)));
    });
    storeLanes(f, i32.add(parts, byteOffset), sum, lanes!);
  });
}

/** Adds each part to the elements of its window's row. */
function scatterParts(f: FunctionBuilder, spec: PoolKernel, parts: I32, line: I32): void {
  const [size, stride] = [spec.size[1], spec.stride[1]];
  if (stride === 1) {
    f.range(0, size, 1, (tap) => {
      const to = f.keep(elementAddress(line, [tap, 1]));
      overGroups(f, spec.outWidth, 1, (byteOffset, [lanes]) => {
        const place = f.keep(i32.add(to, byteOffset));
        const sum = f32x4.add(loadLanes(place, lanes!), loadLanes(i32.add(parts, byteOffset), lanes!));
        storeLanes(f, place, f.keep(sum), lanes!);
      });
    });
    return;
  }
  f.range(0, spec.outWidth, 1, (column) => {
    const to = f.keep(elementAddress(line, [column, stride]));
    const end = f.keep(i32.add(to, floats(size)));
    const part = elementAddress(parts, [column, 1]);
    f.range(to, end, floats(1), (place) => {
      f.storeF32(place, f32.add(f32.load(place), f32.load(part)));
    });
  });
}

function maximumGradient(spec: PoolKernel, flops: number): KernelCode {
  const scratch = scratchLayout();
  const { height, width } = spec;
  const { vertical, horizontal } = directions(spec);
  const [rows, columns] = [reach(vertical), reach(horizontal)];
  const shape = { channels: 1, height, width, top: spec.pad[0], left: spec.pad[1], rows, columns };
  const frame = planFrame(shape, scratch, -Infinity);
  const gradientFrame = scratch.reserve(frame.isImage ? 0 : floats(frame.channelStride));
  return {
    inputs: 2,
    outputs: 1,
    sharing: notShared,
    scratchBytes: scratch.total(),
    flops,
    write: (f, call) => {
      frame.clear(f, call.scratch);
      const planes = share(f, call, spec.planes);
      f.range(planes.from, planes.to, 1, (plane) => {
        const image = frame.fill(f, elementAddress(call.inputs[0]!, [plane, height * width]), call.scratch);
        const output = f.keep(elementAddress(call.outputs[0]!, [plane, height * width]));
        fillRow(f, output, height * width, f32x4.constant(0));
        const target = frame.isImage ? output : f.keep(i32.add(call.scratch, gradientFrame));
        if (!frame.isImage) fillRow(f, target, frame.channelStride, f32x4.constant(0));
        const cotangent = f.keep(elementAddress(call.inputs[1]!, [plane, spec.outHeight * spec.outWidth]));
        f.range(0, spec.outHeight, 1, (row) => {
          const skipped = f.keep(i32.multiply(row, floats(spec.stride[0] * frame.rowStride)));
          writeMaximumRow(f, spec, frame.rowStride, {
            image: f.keep(i32.add(image, skipped)),
            target: f.keep(i32.add(target, skipped)),
            cotangent: f.keep(elementAddress(cotangent, [row, spec.outWidth])),
          });
        });
        if (!frame.isImage) copyInterior(f, spec, frame, target, output);
      });
    },
  };
}

/** Finds the maxima of four windows at once, then adds their cotangents one by one. */
function writeMaximumRow(
  f: FunctionBuilder,
  spec: PoolKernel,
  rowStride: number,
  at: { readonly image: I32; readonly target: I32; readonly cotangent: I32 },
): void {
  const [height, width] = spec.size;
  const stride = spec.stride[1];
  overGroups(f, spec.outWidth, 1, (byteOffset, [lanes]) => {
    const first = f.keep(i32.multiply(byteOffset, stride));
    const tap = f.keep(i32.constant(0));
    const largest = f.keep(f32x4.constant(-Infinity));
    const where = f.keep(i32x4.constant(0));
    f.range(0, height, 1, () => {
      f.range(0, width, 1, () => {
        const from = f.keep(i32.add(i32.add(at.image, first), tap));
        const taps = f.keep(
          gatherLanes(
            lanes!,
            () => from,
            (lane) => floats(lane * stride),
          ),
        );
        const wins = f.keep(v128.or(f32x4.less(largest, taps), f32x4.notEqual(taps, taps)));
        f.set(largest, v128.select(wins, taps, largest));
        f.set(where, v128.select(wins, i32x4.splat(tap), where));
        f.increase(tap, floats(1));
      });
      f.increase(tap, floats(rowStride - width));
    });
    for (let lane = 0; lane < lanes!; lane++) {
      const place = f.keep(i32.add(i32.add(at.target, first), i32x4.extract(where, lane)));
      const cotangent = f32.load(i32.add(at.cotangent, byteOffset), floats(lane));
      f.storeF32(place, f32.add(f32.load(place, floats(lane * stride)), cotangent), floats(lane * stride));
    }
  });
}

/** Copies what of a frame lies inside the image. */
function copyInterior(
  f: FunctionBuilder,
  spec: PoolKernel,
  frame: { readonly rowStride: number; readonly rows: number },
  from: I32,
  to: I32,
): void {
  const [top, left] = spec.pad;
  const columns = Math.min(spec.width, frame.rowStride - left);
  f.range(0, Math.min(spec.height, frame.rows - top), 1, (row) => {
    const source = elementAddress(i32.add(from, floats(top * frame.rowStride + left)), [
      row,
      frame.rowStride,
    ]);
    copyRow(f, f.keep(source), f.keep(elementAddress(to, [row, spec.width])), columns);
  });
}
