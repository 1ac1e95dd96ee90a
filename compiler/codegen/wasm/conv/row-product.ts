/**
 * The weight gradient where channels are few and pixels many: four neighbouring pixels at
 * once, cotangents of a few output channels times a few taps of one row of the kernel,
 * both read where they lie. Nothing is packed.
 *
 * Invariant: every weight has a vector of partial sums, a lane for every fourth pixel of
 * a row, which is summed image by image and is added up across lanes at the end.
 */
import type { ConvWeightGradientKernel } from "../../../select/kernel.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, i32, v128 } from "../encoder/operators.js";
import type { I32, Local } from "../encoder/value.js";
import type { KernelCall, ScratchLayout } from "../kernel-code.js";
import { elementAddress } from "../product/blocked.js";
import { laneSums } from "../product/dot.js";
import { floats, multiplyAdd } from "../product/tile.js";
import { loadLanes, overGroups, storeLanes, vectorBytes, vectorLanes } from "../vectors.js";
import { share } from "../work.js";
import { touched } from "./correlation.js";
import { planFrame, type Frame } from "./frame.js";

/** Sums of all weights of a group should take no more than this. */
const sumBytes = 64 * 1024;
const fewOutChannels = 16;
const manyPixels = 256;
/** The least share of lanes that must be in use. */
const lanesInUse = 0.85;

/** Whether this formulation is faster than a product over packed taps. */
export function suitsRowProduct(spec: ConvWeightGradientKernel): boolean {
  const { outWidth, outHeight, groups } = spec;
  const outChannels = spec.outChannels / groups;
  const weights = outChannels * (spec.channels / groups) * spec.size[0] * spec.size[1];
  const lanes = Math.ceil(outWidth / vectorLanes) * vectorLanes;
  return (
    spec.stride[1] === 1 &&
    spec.size[1] > 1 &&
    outChannels <= fewOutChannels &&
    outWidth * outHeight >= manyPixels &&
    outWidth >= lanesInUse * lanes &&
    weights * vectorBytes <= sumBytes
  );
}

/** Output channels of a tile, and taps that leave enough registers for their factors. */
function tileRowsFor(outChannels: number): number {
  return [4, 3].find((rows) => outChannels % rows === 0) ?? Math.min(outChannels, 3);
}
const mostTaps: readonly number[] = [0, 6, 4, 3, 2];

/** Parts of at most `most`, as equal as possible: where each begins, and its size. */
function parts(total: number, most: number): { readonly first: number; readonly count: number }[] {
  const number = Math.ceil(total / most);
  const bound = (part: number): number => Math.round((part * total) / number);
  return Array.from({ length: number }, (_, part) => ({
    first: bound(part),
    count: bound(part + 1) - bound(part),
  }));
}

export function planRowProduct(
  spec: ConvWeightGradientKernel,
  scratch: ScratchLayout,
): (f: FunctionBuilder, call: KernelCall) => void {
  const { batch, groups } = spec;
  const channels = spec.channels / groups;
  const outChannels = spec.outChannels / groups;
  const taps = spec.size[0] * spec.size[1];
  const pixels = spec.outHeight * spec.outWidth;
  const shape = { ...spec, channels, outChannels, top: spec.pad[0], left: spec.pad[1] };
  const [rows, columns] = touched(shape);
  const frame = planFrame({ ...shape, rows, columns }, scratch);
  const sums = scratch.reserve(outChannels * channels * taps * vectorBytes);
  const tileRows = tileRowsFor(outChannels);
  const tiles = Math.ceil(outChannels / tileRows);

  return (f, call) => {
    const sumsAddress = f.keep(i32.add(call.scratch, sums));
    // A unit is a tile of output channels with one input channel.
    const units = share(f, call, tiles * channels);
    frame.clear(f, call.scratch);
    const eachUnit = (body: (unit: Unit) => void): void => {
      f.range(units.from, units.to, 1, (number) => {
        const tile = f.keep(i32.divide(number, channels));
        const channel = f.keep(i32.remainder(number, channels));
        const row = f.keep(i32.multiply(tile, tileRows));
        const rest = outChannels % tileRows;
        const unit = (count: number) => () => {
          body({ row, count, channel });
        };
        if (rest === 0) unit(tileRows)();
        else f.if(i32.equal(tile, tiles - 1), unit(rest), unit(tileRows));
      });
    };
    f.range(0, groups, 1, (group) => {
      f.range(0, batch, 1, (image) => {
        const job = f.keep(i32.add(i32.multiply(image, groups), group));
        const x = f.keep(elementAddress(call.inputs[0]!, [job, channels * spec.height * spec.width]));
        const framed = frame.fill(f, x, call.scratch);
        const cotangent = f.keep(elementAddress(call.inputs[1]!, [job, outChannels * pixels]));
        eachUnit(({ row, count, channel }) => {
          const tileSums = i32.multiply(i32.add(i32.multiply(row, channels), channel), taps * vectorBytes);
          writeUnit(f, spec, frame, {
            rows: count,
            sums: f.keep(i32.add(sumsAddress, tileSums)),
            sumRowBytes: channels * taps * vectorBytes,
            plane: f.keep(elementAddress(framed, [channel, frame.channelStride])),
            cotangent: f.keep(elementAddress(cotangent, [row, pixels])),
            accumulate: image,
            relaxed: call.environment.relaxed,
          });
        });
      });
      const output = f.keep(elementAddress(call.outputs[0]!, [group, outChannels * channels * taps]));
      eachUnit(({ row, count, channel }) => {
        f.range(0, count, 1, (index) => {
          const weight = f.keep(
            i32.multiply(i32.add(i32.multiply(i32.add(row, index), channels), channel), taps),
          );
          const from = f.keep(i32.add(sumsAddress, i32.multiply(weight, vectorBytes)));
          addLanes(f, from, f.keep(elementAddress(output, [weight, 1])), taps);
        });
      });
    });
  };
}

interface Unit {
  readonly row: I32;
  readonly count: number;
  readonly channel: I32;
}

/** Adds up the lanes of vectors, four sums at a time. */
function addLanes(f: FunctionBuilder, from: I32, to: I32, count: number): void {
  overGroups(f, count, 1, (byteOffset, [lanes]) => {
    const place = f.keep(i32.add(from, i32.multiply(byteOffset, vectorLanes)));
    const vectors = Array.from({ length: lanes! }, (_, index) => v128.load(place, index * vectorBytes));
    storeLanes(f, i32.add(to, byteOffset), f.keep(laneSums(f, vectors)), lanes!);
  });
}

interface UnitWork {
  readonly rows: number;
  /** The vectors of the first row's taps, and bytes to those of the next. */
  readonly sums: Local<"i32">;
  readonly sumRowBytes: number;
  readonly plane: Local<"i32">;
  readonly cotangent: Local<"i32">;
  /** Adds to the vectors unless this is 0. */
  readonly accumulate: I32;
  readonly relaxed: boolean;
}

/** All taps of one input channel for a tile of output channels, over one image. */
function writeUnit(f: FunctionBuilder, spec: ConvWeightGradientKernel, frame: Frame, work: UnitWork): void {
  const [kernelHeight, kernelWidth] = spec.size;
  f.range(0, kernelHeight, 1, (tapRow) => {
    const sums = f.keep(i32.add(work.sums, i32.multiply(tapRow, kernelWidth * vectorBytes)));
    const from = f.keep(elementAddress(work.plane, [tapRow, spec.dilation[0] * frame.rowStride]));
    for (const { first, count } of parts(kernelWidth, mostTaps[work.rows]!)) {
      writeTaps(f, spec, frame.rowStride, work, { first, count, sums, from });
    }
  });
}

/** A few taps of one row of the kernel. */
function writeTaps(
  f: FunctionBuilder,
  { outHeight, outWidth, stride, dilation }: ConvWeightGradientKernel,
  rowStride: number,
  work: UnitWork,
  taps: { readonly first: number; readonly count: number; readonly sums: I32; readonly from: I32 },
): void {
  const pixelBytes = floats(outHeight * outWidth);
  const tile = Array.from({ length: work.rows }, () =>
    Array.from({ length: taps.count }, () => f.local("v128")),
  );
  const eachSum = (visit: (sum: Local<"v128">, offset: number) => void): void => {
    for (const [row, rowSums] of tile.entries()) {
      for (const [tap, sum] of rowSums.entries()) {
        visit(sum, row * work.sumRowBytes + (taps.first + tap) * vectorBytes);
      }
    }
  };
  eachSum((sum) => {
    f.set(sum, f32x4.constant(0));
  });
  const [image, cotangent] = [f.keep(taps.from), f.keep(work.cotangent)];
  const step = (lanes: number): void => {
    const pixels = Array.from({ length: taps.count }, (_, tap) =>
      f.keep(loadLanes(image, lanes, floats((taps.first + tap) * dilation[1]))),
    );
    for (const [row, rowSums] of tile.entries()) {
      const factor = f.keep(loadLanes(cotangent, lanes, row * pixelBytes));
      for (const [tap, sum] of rowSums.entries()) {
        f.set(sum, multiplyAdd(factor, pixels[tap]!, sum, work.relaxed));
      }
    }
    f.increase(image, floats(lanes));
    f.increase(cotangent, floats(lanes));
  };
  f.range(0, outHeight, 1, () => {
    f.range(0, Math.floor(outWidth / vectorLanes), 1, () => {
      step(vectorLanes);
    });
    if (outWidth % vectorLanes > 0) step(outWidth % vectorLanes);
    f.increase(image, floats(stride[0] * rowStride - outWidth));
  });
  f.if(work.accumulate, () => {
    eachSum((sum, offset) => {
      f.set(sum, f32x4.add(v128.load(taps.sums, offset), sum));
    });
  });
  eachSum((sum, offset) => {
    f.store(taps.sums, sum, offset);
  });
}
