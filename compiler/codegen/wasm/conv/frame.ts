/**
 * Frames: images with their padding written out, so that every tap of every pixel
 * is an ordinary load.
 *
 * Invariant: the border is written once per call; each image then overwrites the same
 * interior. An image that is read inside only is used where it lies.
 */
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, i32 } from "../encoder/operators.js";
import type { I32 } from "../encoder/value.js";
import type { ScratchLayout } from "../kernel-code.js";
import { floats } from "../product/tile.js";
import { copyRow, fillRow } from "../vectors.js";

export interface Frame {
  /** Whether the image itself is read. */
  readonly isImage: boolean;
  /** Strides in elements. */
  readonly rowStride: number;
  readonly channelStride: number;
  readonly rows: number;
  /** Writes the border. */
  readonly clear: (f: FunctionBuilder, scratch: I32) => void;
  /** Makes the frame of an image: the address of its upper left corner. */
  readonly fill: (f: FunctionBuilder, image: I32, scratch: I32) => I32;
}

/** The part of one axis of the image that lies inside the frame. */
function overlap(size: number, before: number, needed: number): { from: number; count: number; at: number } {
  const from = Math.max(0, -before);
  const at = Math.max(0, before);
  return { from, at, count: Math.max(0, Math.min(size - from, needed - at)) };
}

/** An image and the part of the plane around it that is read. */
export interface FrameShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Rows and columns before the image; negative ones skip some of it. */
  readonly top: number;
  readonly left: number;
  /** The size of the frame. */
  readonly rows: number;
  readonly columns: number;
}

/** @param border what stands outside the image */
export function planFrame(shape: FrameShape, scratch: ScratchLayout, border = 0): Frame {
  const { channels, height, width, top, left, rows, columns } = shape;
  const isInside = top <= 0 && left <= 0 && rows - top <= height && columns - left <= width;
  if (isInside) {
    return {
      isImage: true,
      rows: height,
      rowStride: width,
      channelStride: height * width,
      clear: () => undefined,
      fill: (f, image) => {
        const skipped = floats(-top * width - left);
        return skipped === 0 ? image : f.keep(i32.add(image, skipped));
      },
    };
  }
  const place = scratch.reserve(floats(channels * rows * columns));
  const vertical = overlap(height, top, rows);
  const horizontal = overlap(width, left, columns);
  return {
    isImage: false,
    rows,
    rowStride: columns,
    channelStride: rows * columns,
    clear: (f, address) => {
      fillRow(f, f.keep(i32.add(address, place)), channels * rows * columns, f32x4.constant(border));
    },
    fill: (f, image, address) => {
      const frame = f.keep(i32.add(address, place));
      const from = f.keep(i32.add(image, floats(vertical.from * width + horizontal.from)));
      const to = f.keep(i32.add(frame, floats(vertical.at * columns + horizontal.at)));
      f.range(0, channels, 1, () => {
        f.range(0, vertical.count, 1, () => {
          copyRow(f, from, to, horizontal.count);
          f.increase(from, floats(width));
          f.increase(to, floats(columns));
        });
        f.increase(from, floats((height - vertical.count) * width));
        f.increase(to, floats((rows - vertical.count) * columns));
      });
      return frame;
    },
  };
}
