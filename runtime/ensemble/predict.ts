/** Predictions for copies of each image, ready to be averaged. */
import type { BatchInputs } from "../data/batches.js";
import { formatBatchShape } from "../data/dataset.js";
import type { InputDeclaration } from "../data/match-inputs.js";
import { UserError } from "../program/user-error.js";
import { elementCount, formatShape, type Tensor } from "../tensor.js";
import { copyImages, type ImageCopy, isUnchanged } from "./image-copies.js";
import { softmax } from "./mean.js";

export interface Averaging {
  readonly copies: readonly ImageCopy[];
  /** Averages probabilities: a softmax of the outputs, along their second axis. */
  readonly softmax: boolean;
}

export type Outputs = Readonly<Record<string, Tensor>>;

/** Refuses copies of images where no input is one. */
export function checkCopies(inputs: readonly InputDeclaration[], { copies }: Averaging): void {
  if (copies.every(isUnchanged) || inputs.some(isImage)) return;
  const list = inputs.map(({ name, shape }) => `${name} ${formatBatchShape(shape)}`).join(", ");
  throw new UserError(`there is no image to mirror or shift among the inputs ${list}`);
}

/** The outputs for every copy of a batch, those that are images brought back into place. */
export async function predictCopies(
  predict: (inputs: BatchInputs) => Promise<Outputs>,
  inputs: readonly InputDeclaration[],
  batch: BatchInputs,
  averaging: Averaging,
): Promise<readonly Outputs[]> {
  const all: Outputs[] = [];
  for (const copy of averaging.copies) {
    const outputs = await predict(isUnchanged(copy) ? batch : copyBatch(inputs, batch, copy));
    const entries = Object.entries(outputs).map(([name, output]) => {
      const inPlace = bringBack(name, output, copy);
      return [name, averaging.softmax ? softmax(inPlace) : inPlace] as const;
    });
    all.push(Object.fromEntries(entries));
  }
  return all;
}

function copyBatch(inputs: readonly InputDeclaration[], batch: BatchInputs, copy: ImageCopy): BatchInputs {
  const entries = Object.entries(batch).map(([name, values]) => {
    const input = inputs.find((candidate) => candidate.name === name);
    if (input === undefined || !isImage(input) || !(values instanceof Float32Array))
      return [name, values] as const;
    const [height = 1, width = 1] = input.shape.slice(-2);
    return [name, copyImages(values, height, width, copy)] as const;
  });
  return Object.fromEntries(entries);
}

/** An output with rows and columns is mirrored back; a shifted one lacks what left the image. */
function bringBack(name: string, output: Tensor, copy: ImageCopy): Tensor {
  if (output.shape.length < 4 || isUnchanged(copy) || !(output.data instanceof Float32Array)) return output;
  if (copy.down !== 0 || copy.right !== 0) {
    throw new UserError(
      `shifted copies have other pixels, and ${name} ${formatShape(output.shape)} has rows and columns`,
      "Average over mirror images only: --average flip.",
    );
  }
  const [height = 1, width = 1] = output.shape.slice(-2);
  return { ...output, data: copyImages(output.data, height, width, copy) };
}

function isImage({ dataType, shape }: InputDeclaration): boolean {
  return dataType === "f32" && shape.length === 3 && elementCount(shape) > 0;
}
