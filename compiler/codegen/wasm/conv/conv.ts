/** Convolution: one correlation per image and group, with an epilogue. */
import type { ConvGeometry, ConvKernel, KernelEpilogue } from "../../../select/kernel.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { i32 } from "../encoder/operators.js";
import type { I32 } from "../encoder/value.js";
import { scratchLayout, notShared, type KernelCall, type KernelCode } from "../kernel-code.js";
import { elementAddress, type FinishedRows } from "../product/blocked.js";
import { writeEpilogue, type EpilogueRows } from "../product/epilogue.js";
import { operationCount } from "../../expressions.js";
import { overJobs, planCorrelation, touched } from "./correlation.js";
import { planFrame } from "./frame.js";

export function conv(spec: ConvKernel): KernelCode {
  const { batch, groups, epilogue } = spec;
  const scratch = scratchLayout();
  const channels = spec.channels / groups;
  const outChannels = spec.outChannels / groups;
  const shape = { ...spec, channels, outChannels, top: spec.pad[0], left: spec.pad[1] };
  const [rows, columns] = touched(shape);
  const frame = planFrame({ ...shape, rows, columns }, scratch);
  const correlation = planCorrelation(shape, { frame, row: 0, column: 0 }, scratch);
  const output = { channels: spec.outChannels, height: spec.outHeight, width: spec.outWidth };
  const pixels = output.height * output.width;
  return {
    inputs: 2 + (epilogue?.operands.length ?? 0),
    outputs: 1,
    sharing: notShared,
    scratchBytes: scratch.total(),
    flops: convFlops(spec, epilogue, batch * output.channels * pixels),
    write: (f, call) => {
      frame.clear(f, call.scratch);
      overJobs(f, call, batch * groups, correlation.blocks.panels, (job, panelRange) => {
        const group = f.keep(i32.remainder(job, groups));
        const image = elementAddress(call.inputs[0]!, [job, channels * spec.height * spec.width]);
        const weight = elementAddress(call.inputs[1]!, [
          group,
          outChannels * channels * spec.size[0] * spec.size[1],
        ]);
        const finished = epilogue && imageEpilogue(f, epilogue, call, output, groups, job);
        const work = {
          frame: frame.fill(f, f.keep(image), call.scratch),
          weight: f.keep(weight),
          output: f.keep(elementAddress(call.outputs[0]!, [job, outChannels * pixels])),
          finish: finishWith(f, call, finished),
        };
        correlation.write(f, call, work, panelRange);
      });
    },
  };
}

/** Multiplications and additions of a convolution or one of its gradients, and of its epilogue. */
export function convFlops(spec: ConvGeometry, epilogue: KernelEpilogue | null, outputs: number): number {
  const taps = (spec.channels / spec.groups) * spec.size[0] * spec.size[1];
  const products = spec.batch * spec.outChannels * spec.outHeight * spec.outWidth * taps;
  return 2 * products + outputs * (epilogue ? operationCount(epilogue.expression) : 0);
}

/** What to do with finished rows. */
export function finishWith(
  f: FunctionBuilder,
  call: KernelCall,
  epilogue: EpilogueRows | null,
): ((rows: FinishedRows) => void) | null {
  return (
    epilogue &&
    ((rows) => {
      writeEpilogue(f, epilogue, rows, call.environment);
    })
  );
}

/**
 * The epilogue of one group of channels of one image: rows are channels, columns pixels.
 * `job` numbers the groups of all images.
 */
export function imageEpilogue(
  f: FunctionBuilder,
  epilogue: KernelEpilogue,
  call: KernelCall,
  output: { readonly channels: number; readonly height: number; readonly width: number },
  groups: number,
  job: I32,
): EpilogueRows {
  const { channels, height, width } = output;
  const pixels = height * width;
  const image = f.keep(i32.divide(job, groups));
  const firstChannel = f.keep(i32.multiply(i32.remainder(job, groups), channels / groups));
  return {
    expression: epilogue.expression,
    output: elementAddress(call.outputs[0]!, [job, (channels / groups) * pixels]),
    rowStride: pixels,
    columns: pixels,
    firstElement: i32.multiply(job, (channels / groups) * pixels),
    operands: epilogue.operands.map(({ dataType, strides }, index) => ({
      dataType,
      address: f.keep(
        elementAddress(call.inputs[2 + index]!, [image, strides[0]!], [firstChannel, strides[1]!]),
      ),
      rowStride: strides[1]!,
      stride: pixelStride(strides, height, width),
    })),
  };
}

/** Elements between neighbouring pixels of an image in row-major order, or where a pixel lies. */
function pixelStride(
  strides: readonly number[],
  height: number,
  width: number,
): number | ((position: I32) => I32) {
  const [down, right] = [strides[2]!, strides[3]!];
  if (height === 1 || down === right * width) return right;
  if (width === 1) return down;
  return (position) =>
    i32.add(
      i32.multiply(i32.divide(position, width), down),
      i32.multiply(i32.remainder(position, width), right),
    );
}
