/**
 * Packing images for a correlation: panels [channels * taps][8 pixels], the columns that
 * im2col would make, block by block.
 *
 * Invariant: only elements of the frame are read; pixels beyond the last repeat it.
 */
import type { FunctionBuilder } from "../encoder/function.js";
import { i32, v128 } from "../encoder/operators.js";
import type { I32, Local } from "../encoder/value.js";
import { panelColumns, type Block } from "../product/blocked.js";
import { floats } from "../product/tile.js";
import { gatherLanes, vectorBytes, vectorLanes } from "../vectors.js";
import type { Correlation } from "./correlation-geometry.js";
import type { Frame } from "./frame.js";

export function packPixels(
  f: FunctionBuilder,
  shape: Correlation,
  frame: Frame,
  image: I32,
  scratch: I32,
  block: Block,
): void {
  const { outWidth, outHeight, stride, size } = shape;
  const pixels = outWidth * outHeight;
  const taps = size[0] * size[1];
  const vectors = panelColumns / vectorLanes;
  const channels = i32.divide(block.count, taps);
  const firstChannel = i32.multiply(i32.divide(block.start, taps), floats(frame.channelStride));
  const source = f.keep(i32.add(image, firstChannel));
  const address = (pixel: I32): I32 => {
    const row = i32.multiply(i32.divide(pixel, outWidth), floats(stride[0] * frame.rowStride));
    const column = i32.multiply(i32.remainder(pixel, outWidth), floats(stride[1]));
    return i32.add(i32.add(source, row), column);
  };
  const allTogether = stride[1] === 1 && outWidth % vectorLanes === 0;
  const panelBytes = f.keep(i32.multiply(block.count, floats(panelColumns)));
  const panel = f.keep(scratch);
  f.range(block.fromPanel, block.toPanel, 1, (index) => {
    f.range(0, vectors, 1, (vector) => {
      const first = f.keep(i32.add(i32.multiply(index, panelColumns), i32.multiply(vector, vectorLanes)));
      const to = f.keep(i32.add(panel, i32.multiply(vector, vectorBytes)));
      const together = (): void => {
        const from = f.keep(address(allTogether ? i32.minimum(first, pixels - vectorLanes) : first));
        packVector(f, shape, frame, channels, [from], to);
      };
      const apart = (): void => {
        const lanes = Array.from({ length: vectorLanes }, (_, lane) =>
          f.keep(address(i32.minimum(i32.add(first, lane), pixels - 1))),
        );
        packVector(f, shape, frame, channels, lanes, to);
      };
      if (allTogether) together();
      else if (stride[1] !== 1 || outWidth < vectorLanes) apart();
      else {
        const column = i32.remainder(first, outWidth);
        const fits = i32.lessOrEqual(column, outWidth - vectorLanes);
        f.if(i32.and(fits, i32.lessOrEqual(first, pixels - vectorLanes)), together, apart);
      }
    });
    f.increase(panel, panelBytes);
  });
}

/** Packs all channels and taps of four pixels, which lie at one address or at four. */
function packVector(
  f: FunctionBuilder,
  shape: Correlation,
  frame: Frame,
  channels: I32,
  from: readonly Local<"i32">[],
  to: Local<"i32">,
): void {
  const [height, width] = shape.size;
  const [down, right] = shape.dilation;
  f.range(0, channels, 1, () => {
    f.range(0, height, 1, () => {
      for (let tap = 0; tap < width; tap++) {
        const offset = floats(tap * right);
        const loaded =
          from.length === 1
            ? v128.load(from[0]!, offset)
            : gatherLanes(
                vectorLanes,
                (lane) => from[lane]!,
                () => offset,
              );
        f.store(to, loaded, tap * floats(panelColumns));
      }
      f.increase(to, width * floats(panelColumns));
      for (const place of from) f.increase(place, floats(down * frame.rowStride));
    });
    for (const place of from)
      f.increase(place, floats(frame.channelStride - height * down * frame.rowStride));
  });
}
