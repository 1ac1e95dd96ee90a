/**
 * The gradient of a convolution's input, which is also transposed convolution: for every
 * phase of the stride a correlation of the cotangent with part of the weights, turned
 * around and with the channels exchanged.
 *
 * Invariant: each tap of the weights belongs to exactly one phase in each direction, so
 * nothing is multiplied by zeros that the stride would have inserted.
 */
import type { ConvInputGradientKernel } from "../../../select/kernel.js";
import { copyPiece, type Piece } from "../copy.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, i32 } from "../encoder/operators.js";
import type { I32, Local } from "../encoder/value.js";
import { scratchLayout, type KernelCall, type KernelCode } from "../kernel-code.js";
import { elementAddress } from "../product/blocked.js";
import { writeEpilogue } from "../product/epilogue.js";
import { floats } from "../product/tile.js";
import { fillRow } from "../vectors.js";
import { all, share } from "../work.js";
import { convFlops, finishWith, imageEpilogue } from "./conv.js";
import { overJobs, planCorrelation, touched, type Correlation, type CorrelationPlan } from "./correlation.js";
import { planFrame } from "./frame.js";
import { phasesOf, type Phase } from "./phases.js";

interface PlannedPhase {
  readonly row: Phase;
  readonly column: Phase;
  /** null where no tap reaches the phase. */
  readonly correlation: CorrelationPlan | null;
  /** Where the phase's weights begin among the relaid ones, in elements. */
  readonly weights: number;
}

export function convInputGradient(spec: ConvInputGradientKernel): KernelCode {
  const { batch, groups, epilogue, height, width } = spec;
  const scratch = scratchLayout();
  const channels = spec.channels / groups;
  const outChannels = spec.outChannels / groups;
  const isDense = spec.stride[0] === 1 && spec.stride[1] === 1;
  // All phases are computed at one size; what lies beyond the image is never looked at.
  const rows = Math.ceil(height / spec.stride[0]);
  const columns = Math.ceil(width / spec.stride[1]);
  const vertical = phasesOf(spec.stride[0], spec.dilation[0], spec.size[0], spec.pad[0]);
  const horizontal = phasesOf(spec.stride[1], spec.dilation[1], spec.size[1], spec.pad[1]);
  const pairs = vertical.flatMap((row) => horizontal.map((column) => ({ row, column })));
  const shapeOf = ({ row, column }: { row: Phase; column: Phase }): Correlation => ({
    channels: outChannels,
    height: spec.outHeight,
    width: spec.outWidth,
    outChannels: channels,
    outHeight: rows,
    outWidth: columns,
    size: [row.taps, column.taps],
    stride: [1, 1],
    dilation: [row.dilation, column.dilation],
    top: row.before,
    left: column.before,
  });
  const shapes = pairs.filter(({ row, column }) => row.taps > 0 && column.taps > 0).map(shapeOf);
  const top = Math.max(...shapes.map((shape) => shape.top), 0);
  const left = Math.max(...shapes.map((shape) => shape.left), 0);
  const frame = planFrame(
    {
      channels: outChannels,
      height: spec.outHeight,
      width: spec.outWidth,
      top,
      left,
      rows: Math.max(...shapes.map((shape) => touched(shape)[0] + top - shape.top), 1),
      columns: Math.max(...shapes.map((shape) => touched(shape)[1] + left - shape.left), 1),
    },
    scratch,
  );
  const weightsPlace = scratch.reserve(floats(spec.outChannels * channels * spec.size[0] * spec.size[1]));
  const phasePlace = scratch.reserve(isDense ? 0 : floats(channels * rows * columns));
  let weights = 0;
  const phases = pairs.map(({ row, column }): PlannedPhase => {
    const shape = shapeOf({ row, column });
    const isEmpty = row.taps === 0 || column.taps === 0;
    const first = weights;
    weights += spec.channels * outChannels * row.taps * column.taps;
    const place = { frame, row: top - shape.top, column: left - shape.left };
    return {
      row,
      column,
      weights: first,
      correlation: isEmpty ? null : planCorrelation(shape, place, scratch),
    };
  });

  const write = (f: FunctionBuilder, call: KernelCall): void => {
    const relaid = f.keep(i32.add(call.scratch, weightsPlace));
    for (const phase of phases) relayWeights(f, spec, phase, call.inputs[1]!, relaid);
    frame.clear(f, call.scratch);
    const jobAt = (job: I32) => {
      const image = f.keep(
        elementAddress(call.inputs[0]!, [job, outChannels * spec.outHeight * spec.outWidth]),
      );
      const shape = { channels: spec.channels, height, width };
      const finished = epilogue && imageEpilogue(f, epilogue, call, shape, groups, job);
      return {
        frame: frame.fill(f, image, call.scratch),
        output: f.keep(elementAddress(call.outputs[0]!, [job, channels * height * width])),
        epilogue: finished,
        weightOf: ({ row, column, weights: first }: PlannedPhase): Local<"i32"> => {
          const group = i32.remainder(job, groups);
          const size = channels * outChannels * row.taps * column.taps;
          return f.keep(elementAddress(i32.add(relaid, floats(first)), [group, size]));
        },
      };
    };
    const [onlyPhase] = phases;
    const only = isDense ? onlyPhase!.correlation! : null;
    if (only) {
      overJobs(f, call, batch * groups, only.blocks.panels, (job, panelRange) => {
        const { weightOf, epilogue: finished, ...work } = jobAt(job);
        const dense = { ...work, weight: weightOf(onlyPhase!), finish: finishWith(f, call, finished) };
        only.write(f, call, dense, panelRange);
      });
      return;
    }
    const phaseOutput = f.keep(i32.add(call.scratch, phasePlace));
    const jobs = share(f, call, batch * groups);
    f.range(jobs.from, jobs.to, 1, (job) => {
      const { weightOf, output, frame: framed, epilogue: finished } = jobAt(job);
      for (const phase of phases) {
        const { correlation, row, column } = phase;
        if (row.offset >= height || column.offset >= width) continue;
        if (correlation) {
          const work = { frame: framed, weight: weightOf(phase), output: phaseOutput, finish: null };
          correlation.write(f, call, work, all(correlation.blocks.panels));
        } else fillRow(f, phaseOutput, channels * rows * columns, f32x4.constant(0));
        copyPiece(f, phasePiece(spec, phase, [channels, rows, columns]), phaseOutput, output);
      }
      if (finished) {
        const whole = { fromColumn: i32.constant(0), toColumn: i32.constant(height * width) };
        writeEpilogue(f, finished, { row: i32.constant(0), rows: channels, ...whole }, call.environment);
      }
    });
  };

  return {
    inputs: 2 + (epilogue?.operands.length ?? 0),
    outputs: 1,
    scratchBytes: scratch.total(),
    flops: convFlops(spec, epilogue, batch * spec.channels * height * width),
    write,
  };
}

/** weight[o, c, i, j] -> relaid[group, c, o, i', j'] for the taps of one phase, last tap first. */
function relayWeights(
  f: FunctionBuilder,
  spec: ConvInputGradientKernel,
  { row, column, weights }: PlannedPhase,
  from: I32,
  to: I32,
): void {
  const [kh, kw] = spec.size;
  const channels = spec.channels / spec.groups;
  const outChannels = spec.outChannels / spec.groups;
  if (row.taps === 0 || column.taps === 0) return;
  const taps = row.taps * column.taps;
  const lastRow = row.firstTap + (row.taps - 1) * row.tapStep;
  const lastColumn = column.firstTap + (column.taps - 1) * column.tapStep;
  copyPiece(
    f,
    {
      shape: [spec.groups, channels, outChannels, row.taps, column.taps],
      readStrides: [
        outChannels * channels * kh * kw,
        kh * kw,
        channels * kh * kw,
        -row.tapStep * kw,
        -column.tapStep,
      ],
      readOffset: lastRow * kw + lastColumn,
      writeStrides: [channels * outChannels * taps, outChannels * taps, taps, column.taps, 1],
      writeOffset: weights,
    },
    from,
    to,
  );
}

/** Puts a phase's image in its places in the gradient. */
function phasePiece(
  { stride, height, width }: ConvInputGradientKernel,
  { row, column }: PlannedPhase,
  [channels, rows, columns]: readonly [number, number, number],
): Piece {
  return {
    shape: [
      channels,
      Math.ceil((height - row.offset) / stride[0]),
      Math.ceil((width - column.offset) / stride[1]),
    ],
    readStrides: [rows * columns, columns, 1],
    readOffset: 0,
    writeStrides: [height * width, stride[0] * width, stride[1]],
    writeOffset: row.offset * width + column.offset,
  };
}
