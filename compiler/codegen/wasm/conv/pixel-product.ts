/**
 * The weight gradient as a blocked product: cotangent [outChannels, pixels] times taps
 * [pixels, channels * taps], the transpose of what im2col would make, packed block by
 * block and accumulated over images.
 */
import type { ConvWeightGradientKernel } from "../../../select/kernel.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { i32 } from "../encoder/operators.js";
import type { I32 } from "../encoder/value.js";
import type { KernelCall, ScratchLayout } from "../kernel-code.js";
import { elementAddress, panelColumns, tileRows, writeProduct } from "../product/blocked.js";
import type { Block, Blocking, RightOperand } from "../product/blocked.js";
import { packTransposed } from "../product/pack.js";
import { floats } from "../product/tile.js";
import { loadLanes, storeLanes, vectorBytes, vectorsOf } from "../vectors.js";
import { all, share } from "../work.js";
import { touched } from "./correlation.js";
import { planFrame, type Frame } from "./frame.js";

/** Pixels of a block of depth, and the columns that are packed at once. */
const pixelBlock = 256;
const columnBlock = 256;
/** With at least so many groups, threads divide them. */
const manyGroups = 8;

export function planPixelProduct(
  spec: ConvWeightGradientKernel,
  scratch: ScratchLayout,
): (f: FunctionBuilder, call: KernelCall) => void {
  const { batch, groups } = spec;
  const channels = spec.channels / groups;
  const outChannels = spec.outChannels / groups;
  const pixels = spec.outHeight * spec.outWidth;
  const taps = spec.size[0] * spec.size[1];
  const columns = channels * taps;
  const shape = { ...spec, channels, outChannels, top: spec.pad[0], left: spec.pad[1] };
  const [frameRows, frameColumns] = touched(shape);
  const frame = planFrame({ ...shape, rows: frameRows, columns: frameColumns }, scratch);
  const blocks = pixelBlocking(outChannels, channels, taps, pixels);
  const isPointwise = frame.isImage && taps === 1 && frame.channelStride === pixels;
  const rowLength = blocks.panelsPerBlock * panelColumns;
  const packed = scratch.reserve(floats(rowLength * blocks.depthBlock));

  const right = (f: FunctionBuilder, image: I32, scratchAddress: I32): RightOperand =>
    isPointwise
      ? {
          kind: "panels",
          scratch: scratchAddress,
          pack: (block) => {
            packTransposed(f, image, pixels, columns, scratchAddress, block);
          },
        }
      : {
          kind: "rows",
          scratch: scratchAddress,
          depthStride: rowLength,
          pack: (block) => {
            packTaps(f, spec, frame, columns, image, scratchAddress, rowLength, block);
          },
        };

  return (f, call) => {
    const scratchAddress = f.keep(i32.add(call.scratch, packed));
    frame.clear(f, call.scratch);
    const byGroups = groups >= manyGroups;
    const groupRange = byGroups ? share(f, call, groups) : all(groups);
    const tileRange = byGroups ? all(blocks.rowTiles) : share(f, call, blocks.rowTiles);
    f.range(groupRange.from, groupRange.to, 1, (group) => {
      const output = f.keep(elementAddress(call.outputs[0]!, [group, outChannels * columns]));
      f.range(0, batch, 1, (image) => {
        const job = f.keep(i32.add(i32.multiply(image, groups), group));
        const x = f.keep(elementAddress(call.inputs[0]!, [job, channels * spec.height * spec.width]));
        const cotangent = f.keep(elementAddress(call.inputs[1]!, [job, outChannels * pixels]));
        writeProduct(f, {
          rows: outChannels,
          columns,
          depth: pixels,
          blocking: blocks,
          left: { address: cotangent, rowStride: pixels, depthStride: 1, scratch: scratchAddress },
          right: right(f, frame.fill(f, x, call.scratch), scratchAddress),
          output: { address: output, rowStride: columns },
          accumulate: image,
          tileRange,
          panelRange: all(blocks.panels),
          finish: null,
          relaxed: call.environment.relaxed,
        });
      });
    });
  };
}

/** Blocks of whole channels that fill whole panels. */
function pixelBlocking(rows: number, channels: number, taps: number, pixels: number): Blocking {
  const rowTiles = Math.ceil(rows / tileRows);
  const panels = Math.ceil((channels * taps) / panelColumns);
  // Eight channels always fill whole panels.
  const fitting = Math.max(1, Math.floor(columnBlock / (panelColumns * taps))) * taps;
  const panelsPerBlock = Math.min(panels, fitting);
  return {
    tileRows: Math.ceil(rows / rowTiles),
    rowTiles,
    panels,
    panelsPerBlock,
    depthBlock: Math.min(pixels, pixelBlock),
  };
}

/** Packs, for each pixel of a block, the elements of x that its taps read. */
function packTaps(
  f: FunctionBuilder,
  { outWidth, stride, dilation, size }: ConvWeightGradientKernel,
  frame: Frame,
  columns: number,
  image: I32,
  scratch: I32,
  rowLength: number,
  block: Block,
): void {
  const [height, width] = size;
  const taps = height * width;
  const firstChannel = i32.divide(i32.multiply(block.fromPanel, panelColumns), taps);
  const lastColumn = i32.minimum(i32.multiply(block.toPanel, panelColumns), columns);
  const source = f.keep(elementAddress(image, [firstChannel, frame.channelStride]));
  const channels = f.keep(i32.subtract(i32.divide(lastColumn, taps), firstChannel));
  const row = f.keep(scratch);
  f.range(block.start, i32.add(block.start, block.count), 1, (pixel) => {
    const [y, x] = [i32.divide(pixel, outWidth), i32.remainder(pixel, outWidth)];
    const from = f.keep(elementAddress(source, [y, stride[0] * frame.rowStride], [x, stride[1]]));
    const to = f.keep(row);
    f.range(0, channels, 1, () => {
      f.range(0, height, 1, () => {
        copyTaps(f, from, to, width, dilation[1]);
        f.increase(from, floats(dilation[0] * frame.rowStride));
        f.increase(to, floats(width));
      });
      f.increase(from, floats(frame.channelStride - height * dilation[0] * frame.rowStride));
    });
    f.increase(row, floats(rowLength));
  });
}

/** Copies one row of taps. */
function copyTaps(f: FunctionBuilder, from: I32, to: I32, width: number, dilation: number): void {
  if (dilation !== 1) {
    for (let tap = 0; tap < width; tap++) {
      storeLanes(f, to, f.keep(loadLanes(from, 1, floats(tap * dilation))), 1, floats(tap));
    }
    return;
  }
  for (const [index, lanes] of vectorsOf(width).entries()) {
    storeLanes(f, to, f.keep(loadLanes(from, lanes, index * vectorBytes)), lanes, index * vectorBytes);
  }
}
