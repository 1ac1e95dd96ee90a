/**
 * Adding up what the taps of a convolution send to its input: sent[channel, tap, pixel]
 * goes to (stride * pixel + dilation * tap - pad) of the channel's plane.
 *
 * Invariant: additions happen in a frame that holds every target, so no row needs bounds;
 * its interior is the gradient. Where the frame is the plane itself, nothing is copied.
 */
import type { ConvInputGradientKernel } from "../../../select/kernel.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, i32 } from "../encoder/operators.js";
import type { I32 } from "../encoder/value.js";
import type { KernelCall, ScratchLayout } from "../kernel-code.js";
import { elementAddress } from "../product/blocked.js";
import { floats } from "../product/tile.js";
import { copyRow, fillRow, gatherLanes, loadLanes, overGroups, storeLanes } from "../vectors.js";

export interface Scatter {
  /** Clears the target of `count` channels, whose gradient begins at an address; gives its own. */
  readonly open: (f: FunctionBuilder, call: KernelCall, gradient: I32, count: I32) => I32;
  /** Adds `height` rows of pixels from `row` on. */
  readonly add: (f: FunctionBuilder, sent: I32, target: I32, row: I32, height: I32, count: I32) => void;
  /** Puts the target's interior into the gradient. */
  readonly close: (f: FunctionBuilder, target: I32, gradient: I32, count: I32) => void;
}

/** @param block channels of a target at most, and elements between rows of `sent` */
export function planScatter(
  spec: ConvInputGradientKernel,
  block: { readonly blockChannels: number; readonly pitch: number },
  scratch: ScratchLayout,
): Scatter {
  const { height, width, outHeight, outWidth, stride, dilation } = spec;
  const [kernelHeight, kernelWidth] = spec.size;
  const [top, left] = spec.pad;
  const rows = Math.max(top + height, (outHeight - 1) * stride[0] + (kernelHeight - 1) * dilation[0] + 1);
  const columns = Math.max(left + width, (outWidth - 1) * stride[1] + (kernelWidth - 1) * dilation[1] + 1);
  const isPlane = rows === height && columns === width;
  const place = scratch.reserve(isPlane ? 0 : floats(block.blockChannels * rows * columns));
  const zero = f32x4.constant(0);

  const addRow = (f: FunctionBuilder, from: I32, to: I32): void => {
    overGroups(f, outWidth, 1, (byteOffset, [lanes]) => {
      const target = f.keep(i32.add(to, i32.multiply(byteOffset, stride[1])));
      const added = loadLanes(i32.add(from, byteOffset), lanes!);
      const step = floats(stride[1]);
      const before =
        stride[1] === 1
          ? loadLanes(target, lanes!)
          : gatherLanes(
              lanes!,
              () => target,
              (lane) => lane * step,
            );
      const sum = f.keep(f32x4.add(before, added));
      if (stride[1] === 1) storeLanes(f, target, sum, lanes!);
      else for (let lane = 0; lane < lanes!; lane++) f.storeLane(target, sum, lane, lane * step);
    });
  };

  return {
    open: (f, call, gradient, count) => {
      const target = isPlane ? gradient : f.keep(i32.add(call.scratch, place));
      f.range(0, count, 1, (channel) => {
        fillRow(f, f.keep(elementAddress(target, [channel, rows * columns])), rows * columns, zero);
      });
      return target;
    },
    add: (f, sent, target, row, blockHeight, count) => {
      const tap = f.keep(sent);
      const upper = elementAddress(target, [row, stride[0] * columns]);
      f.range(0, count, 1, (channel) => {
        f.range(0, kernelHeight, 1, (i) => {
          f.range(0, kernelWidth, 1, (j) => {
            const to = f.keep(
              elementAddress(upper, [channel, rows * columns], [i, dilation[0] * columns], [j, dilation[1]]),
            );
            const from = f.keep(tap);
            f.range(0, blockHeight, 1, () => {
              addRow(f, from, to);
              f.increase(from, floats(outWidth));
              f.increase(to, floats(stride[0] * columns));
            });
            f.increase(tap, floats(block.pitch));
          });
        });
      });
    },
    close: (f, target, gradient, count) => {
      if (isPlane) return;
      const to = f.keep(gradient);
      f.range(0, count, 1, (channel) => {
        const from = f.keep(
          elementAddress(i32.add(target, floats(top * columns + left)), [channel, rows * columns]),
        );
        f.range(0, height, 1, () => {
          copyRow(f, from, to, width);
          f.increase(from, floats(columns));
          f.increase(to, floats(width));
        });
      });
    },
  };
}
