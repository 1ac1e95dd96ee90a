/**
 * The gradient of a convolution's input, which is also transposed convolution: the product
 * of the transposed weights and the cotangent says what each pixel sends through each
 * tap, [channels * taps, pixels]; then taps are added where they lead.
 *
 * Invariant: no product with zeros is computed, whatever the stride and padding; each
 * element adds its taps in row-major order of the kernel, rows of pixels in blocks.
 */
import type { ConvInputGradientKernel } from "../../../select/kernel.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { i32 } from "../encoder/operators.js";
import type { I32 } from "../encoder/value.js";
import {
  scratchLayout,
  notShared,
  type KernelCall,
  type KernelCode,
  type ScratchLayout,
} from "../kernel-code.js";
import {
  blocking,
  directTiles,
  elementAddress,
  packedBytes,
  packedLeftBytes,
  panelColumns,
  tileRows,
  writeProduct,
  type Blocking,
  type FinishedRows,
  type RightOperand,
} from "../product/blocked.js";
import { writeEpilogue } from "../product/epilogue.js";
import { packRows } from "../product/pack.js";
import { floats } from "../product/tile.js";
import { all, share, type WorkRange } from "../work.js";
import { convFlops, finishWith, imageEpilogue } from "./conv.js";
import { overJobs } from "./correlation.js";
import { planScatter } from "./scatter.js";

/** What the taps of one block send should take no more than this. */
const sentBytes = 256 * 1024;
/** Channels of a block come in fours, so that blocks hold whole row tiles. */
const channelUnit = 4;

/** Sizes within one group of channels. */
interface Sizes {
  readonly channels: number;
  readonly outChannels: number;
  readonly taps: number;
  /** Pixels of the cotangent. */
  readonly pixels: number;
}

export function convInputGradient(spec: ConvInputGradientKernel): KernelCode {
  const { batch, groups, epilogue } = spec;
  const sizes: Sizes = {
    channels: spec.channels / groups,
    outChannels: spec.outChannels / groups,
    taps: spec.size[0] * spec.size[1],
    pixels: spec.outHeight * spec.outWidth,
  };
  const scratch = scratchLayout();
  const isPointwise =
    sizes.taps === 1 && spec.pad.every((side) => side === 0) && spec.height * spec.width === sizes.pixels;
  const write = isPointwise ? planPointwise(spec, sizes, scratch) : planScattered(spec, sizes, scratch);
  return {
    inputs: 2 + (epilogue?.operands.length ?? 0),
    outputs: 1,
    sharing: notShared,
    scratchBytes: scratch.total(),
    flops: convFlops(spec, epilogue, batch * spec.channels * spec.height * spec.width),
    write,
  };
}

type Write = (f: FunctionBuilder, call: KernelCall) => void;

/** What a product needs to know beside the operands of a job. */
interface ProductWork {
  readonly output: I32;
  readonly rowStride: number;
  readonly tileRange: WorkRange;
  readonly panelRange: WorkRange;
  readonly finish: ((rows: FinishedRows) => void) | null;
}

/** weight[outChannels, channels * taps]^T * cotangent[outChannels, pixels] for a group of an image. */
function planTransposedProduct(
  spec: ConvInputGradientKernel,
  { channels, outChannels, taps, pixels }: Sizes,
  blocks: Blocking,
  scratch: ScratchLayout,
  rowTilesAtOnce: number,
) {
  const rows = channels * taps;
  const isDirect = rowTilesAtOnce <= directTiles;
  const packed = scratch.reserve(isDirect ? 0 : packedBytes(blocks));
  const packedLeft = scratch.reserve(packedLeftBytes(blocks, rows));
  return (f: FunctionBuilder, call: KernelCall, job: I32, work: ProductWork): void => {
    const cotangent = f.keep(elementAddress(call.inputs[0]!, [job, outChannels * pixels]));
    const group = i32.remainder(job, spec.groups);
    const weight = f.keep(elementAddress(call.inputs[1]!, [group, outChannels * rows]));
    const panels = f.keep(i32.add(call.scratch, packed));
    const right: RightOperand = isDirect
      ? { kind: "direct", address: cotangent, depthStride: pixels, isPadded: false }
      : {
          kind: "panels",
          scratch: panels,
          pack: (block) => {
            packRows(f, cotangent, pixels, pixels, panels, block);
          },
        };
    writeProduct(f, {
      rows,
      columns: pixels,
      depth: outChannels,
      blocking: blocks,
      left: {
        address: weight,
        rowStride: 1,
        depthStride: rows,
        scratch: f.keep(i32.add(call.scratch, packedLeft)),
      },
      right,
      output: { address: work.output, rowStride: work.rowStride },
      accumulate: 0,
      tileRange: work.tileRange,
      panelRange: work.panelRange,
      finish: work.finish,
      relaxed: call.environment.relaxed,
    });
  };
}

/** One tap that leads each pixel to itself: the product is the gradient. */
function planPointwise(spec: ConvInputGradientKernel, sizes: Sizes, scratch: ScratchLayout): Write {
  const { channels, outChannels, pixels } = sizes;
  const blocks = blocking(channels, pixels, outChannels, 1);
  const product = planTransposedProduct(spec, sizes, blocks, scratch, blocks.rowTiles);
  return (f, call) => {
    overJobs(f, call, spec.batch * spec.groups, blocks.panels, (job, panelRange) => {
      const epilogue = spec.epilogue && imageEpilogue(f, spec.epilogue, call, spec, spec.groups, job);
      product(f, call, job, {
        output: f.keep(elementAddress(call.outputs[0]!, [job, channels * pixels])),
        rowStride: pixels,
        tileRange: all(blocks.rowTiles),
        panelRange,
        finish: finishWith(f, call, epilogue),
      });
    });
  };
}

/** Units of work are blocks of channels of an image's groups; their pixels are taken in blocks of rows. */
function planScattered(spec: ConvInputGradientKernel, sizes: Sizes, scratch: ScratchLayout): Write {
  const { channels, taps, pixels } = sizes;
  const { outHeight, outWidth } = spec;
  const rowUnit = panelColumns / greatestCommonDivisor(panelColumns, outWidth);
  const unitBytes = floats(channelUnit * taps * rowUnit * outWidth);
  const rowUnits = Math.min(Math.ceil(outHeight / rowUnit), Math.max(1, Math.floor(sentBytes / unitBytes)));
  const blockRows = rowUnits * rowUnit;
  const channelUnits = Math.max(1, Math.floor(sentBytes / (unitBytes * rowUnits)));
  const blockChannels = Math.min(channels, channelUnits * channelUnit);
  const channelBlocks = Math.ceil(channels / blockChannels);
  const rows = channels * taps;
  const blocks = {
    ...blocking(rows, pixels, sizes.outChannels, 1),
    tileRows,
    rowTiles: Math.ceil(rows / tileRows),
  };
  const tilesPerBlock = Math.ceil((blockChannels * taps) / tileRows);
  const product = planTransposedProduct(spec, sizes, blocks, scratch, tilesPerBlock);
  const pitch = Math.min(blockRows * outWidth, Math.ceil(pixels / panelColumns) * panelColumns);
  const sent = scratch.reserve(floats(blockChannels * taps * pitch));
  const scatter = planScatter(spec, { blockChannels, pitch }, scratch);

  return (f, call) => {
    const units = share(f, call, spec.batch * spec.groups * channelBlocks);
    const sentAddress = f.keep(i32.add(call.scratch, sent));
    f.range(units.from, units.to, 1, (unit) => {
      const job = f.keep(i32.divide(unit, channelBlocks));
      const first = f.keep(i32.multiply(i32.remainder(unit, channelBlocks), blockChannels));
      const count = f.keep(i32.minimum(i32.subtract(channels, first), blockChannels));
      const plane = i32.add(i32.multiply(job, channels), first);
      const gradient = f.keep(elementAddress(call.outputs[0]!, [plane, spec.height * spec.width]));
      const target = scatter.open(f, call, gradient, count);
      const firstTile = f.keep(i32.divide(i32.multiply(first, taps), tileRows));
      const lastTile = i32.minimum(i32.add(firstTile, tilesPerBlock), blocks.rowTiles);
      const tileRange = { from: firstTile, to: f.keep(lastTile) };
      f.range(0, outHeight, blockRows, (row) => {
        const height = f.keep(i32.minimum(i32.subtract(outHeight, row), blockRows));
        const column = i32.multiply(row, outWidth);
        const panel = f.keep(i32.divide(column, panelColumns));
        const skipped = i32.add(
          i32.multiply(i32.multiply(first, taps), floats(pitch)),
          i32.multiply(column, floats(1)),
        );
        product(f, call, job, {
          output: f.keep(i32.subtract(sentAddress, skipped)),
          rowStride: pitch,
          tileRange,
          panelRange: {
            from: panel,
            to: f.keep(i32.minimum(i32.add(panel, (blockRows * outWidth) / panelColumns), blocks.panels)),
          },
          finish: null,
        });
        scatter.add(f, sentAddress, target, row, height, count);
      });
      scatter.close(f, target, gradient, count);
      if (spec.epilogue) {
        const epilogue = imageEpilogue(f, spec.epilogue, call, spec, spec.groups, job);
        const columns = { fromColumn: i32.constant(0), toColumn: i32.constant(spec.height * spec.width) };
        writeEpilogue(f, epilogue, { row: first, rows: count, ...columns }, call.environment);
      }
    });
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
