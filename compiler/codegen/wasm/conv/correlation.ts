/**
 * Correlations of images with weights, the common ground of convolution and its input
 * gradient: out[o, y, x] = sum over c, i, j of
 * weight[o, c, i, j] * image[c, stride * y + dilation * i - top, stride * x + dilation * j - left],
 * with zeros outside the image.
 *
 * Invariant: computed as a product [outChannels, channels * taps] by
 * [channels * taps, pixels] whose right operand exists only in packed blocks.
 */
import type { FunctionBuilder } from "../encoder/function.js";
import { i32 } from "../encoder/operators.js";
import type { I32 } from "../encoder/value.js";
import type { KernelCall, ScratchLayout } from "../kernel-code.js";
import { blocking, directTiles, elementAddress, packedBytes, writeProduct } from "../product/blocked.js";
import type { Blocking, FinishedRows, RightOperand } from "../product/blocked.js";
import { packRows } from "../product/pack.js";
import { all, share, type WorkRange } from "../work.js";
import type { Correlation, Pair } from "./correlation-geometry.js";
import type { Frame } from "./frame.js";
import { packPixels } from "./pack-pixels.js";

/** One of the independent correlations of a kernel: an image, or a group of its channels. */
export interface Job {
  readonly frame: I32;
  /** [outChannels, channels * taps] */
  readonly weight: I32;
  readonly output: I32;
  readonly finish: ((rows: FinishedRows) => void) | null;
}

/** With fewer jobs than this, threads divide the panels of pixels too. */
const manyJobs = 16;

/** Rows and columns that the taps of all pixels touch, from `top` and `left` before the image on. */
export function touched({ outHeight, outWidth, stride, dilation, size }: Correlation): Pair {
  const extent = (out: number, axis: 0 | 1): number =>
    (out - 1) * stride[axis] + dilation[axis] * (size[axis] - 1) + 1;
  return [extent(outHeight, 0), extent(outWidth, 1)];
}

/** A frame and the position in it that tap (0, 0) of pixel (0, 0) reads. */
export interface FramePlace {
  readonly frame: Frame;
  readonly row: number;
  readonly column: number;
}

export interface CorrelationPlan {
  readonly blocks: Blocking;
  /** One correlation, from its frame, for some of its panels of pixels. */
  readonly write: (f: FunctionBuilder, call: KernelCall, job: Job, panelRange: WorkRange) => void;
}

export function planCorrelation(
  shape: Correlation,
  place: FramePlace,
  scratch: ScratchLayout,
): CorrelationPlan {
  const pixels = shape.outHeight * shape.outWidth;
  const taps = shape.size[0] * shape.size[1];
  const depth = shape.channels * taps;
  const blocks = blocking(shape.outChannels, pixels, depth, taps);
  const { frame } = place;
  const isPointwise =
    frame.isImage &&
    frame.channelStride === pixels &&
    taps === 1 &&
    shape.stride[0] === 1 &&
    shape.stride[1] === 1;
  const isDirect = isPointwise && blocks.rowTiles <= directTiles;
  const packed = scratch.reserve(isDirect ? 0 : packedBytes(blocks));

  const rightOperand = (f: FunctionBuilder, image: I32, scratchAddress: I32): RightOperand => {
    if (isDirect) return { kind: "direct", address: image, depthStride: pixels, isPadded: false };
    return {
      kind: "panels",
      scratch: scratchAddress,
      pack: (block) => {
        if (isPointwise) packRows(f, image, pixels, pixels, scratchAddress, block);
        else packPixels(f, shape, frame, image, scratchAddress, block);
      },
    };
  };

  const write = (f: FunctionBuilder, call: KernelCall, job: Job, panelRange: WorkRange): void => {
    const scratchAddress = f.keep(i32.add(call.scratch, packed));
    const image = f.keep(elementAddress(job.frame, [place.row, frame.rowStride], [place.column, 1]));
    writeProduct(f, {
      rows: shape.outChannels,
      columns: pixels,
      depth,
      blocking: blocks,
      left: { address: job.weight, rowStride: depth, depthStride: 1, scratch: scratchAddress },
      right: rightOperand(f, image, scratchAddress),
      output: { address: job.output, rowStride: pixels },
      accumulate: 0,
      tileRange: all(blocks.rowTiles),
      panelRange,
      finish: job.finish,
      relaxed: call.environment.relaxed,
    });
  };
  return { blocks, write };
}

/** This thread's jobs, and the panels of each that are its own. */
export function overJobs(
  f: FunctionBuilder,
  call: KernelCall,
  jobs: number,
  panels: number,
  body: (job: I32, panelRange: WorkRange) => void,
): void {
  if (jobs >= manyJobs) {
    const range = share(f, call, jobs);
    f.range(range.from, range.to, 1, (job) => {
      body(job, all(panels));
    });
    return;
  }
  const { from, to } = share(f, call, jobs * panels);
  const end = f.keep(i32.divide(i32.add(to, panels - 1), panels));
  f.range(f.keep(i32.divide(from, panels)), end, 1, (job) => {
    const first = f.keep(i32.multiply(job, panels));
    body(job, {
      from: f.keep(i32.subtract(i32.maximum(from, first), first)),
      to: f.keep(i32.subtract(i32.minimum(to, i32.add(first, panels)), first)),
    });
  });
}
