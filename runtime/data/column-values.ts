/**
 * The examples of an input, as batches are made of them.
 *
 * before: an array of a data set that may need other sizes -> after: elements in memory, or a
 * reader of pixels, of exactly the input's size and with no value that the input refuses.
 */
import { UserError } from "../program/user-error.js";
import { elementCount } from "../tensor.js";
import {
  canBeResized,
  checkValues,
  fitsInput,
  type Adaptation,
  type InputDeclaration,
} from "./check-input.js";
import type { DataArray, StoredValues } from "./dataset.js";
import { declaredImage, explainMisfit, fitFor, isImageArray } from "./image-inputs.js";
import { fitPlanes } from "./fit-image.js";
import type { PixelReader } from "./pixel-reader.js";

export type ColumnValues =
  | StoredValues
  | {
      readonly kind: "images";
      readonly reader: PixelReader;
      /** What tells these images from others: their names, sizes, and how they are read. */
      readonly identity: string;
    };

/** Checks every value; opens image files. Throws a UserError for what does not fit. */
export function columnValues(
  input: InputDeclaration,
  array: DataArray,
  adaptation: Adaptation,
  cacheBytes: number,
): ColumnValues {
  const misfit = fitsInput(input, array, adaptation);
  if (!misfit.ok) throw new UserError(misfit.problem, misfit.advice);
  if (isImageArray(array)) {
    const { images, openPixels } = array.values;
    const fit = fitFor(input.shape, images, adaptation.resize);
    if (fit === null) throw explainMisfit(input, array);
    const files = images.map(({ source, header, half }) => [source, header.width, header.height, half]);
    return {
      kind: "images",
      reader: openPixels(images, fit, cacheBytes),
      identity: JSON.stringify([fit, files]),
    };
  }
  checkValues(input, array);
  return isResized(input, array, adaptation) ? resizeArray(input, array, adaptation) : storedValues(array);
}

/** Whether images in memory are brought to another size or other channels. */
export function isResized(input: InputDeclaration, array: DataArray, { resizesArrays }: Adaptation): boolean {
  if (!resizesArrays || !canBeResized(input, array)) return false;
  return array.shape.join() !== [1, ...input.shape].slice(-3).join();
}

/** Bytes that differ when the examples do; of large arrays only the first `most`. */
export function identifyingBytes(values: ColumnValues, most: number): Uint8Array {
  if (values.kind === "images") return new TextEncoder().encode(values.identity);
  const { buffer, byteOffset, byteLength } = values.data;
  return new Uint8Array(buffer, byteOffset, Math.min(byteLength, most));
}

function storedValues({ values }: DataArray): StoredValues {
  if (values.kind === "images") throw new UserError("images are read as pixels");
  return values;
}

function resizeArray(input: InputDeclaration, array: DataArray, { resize }: Adaptation): ColumnValues {
  const [from, to] = [declaredImage(array.shape), declaredImage(input.shape)];
  const { data } = storedValues(array);
  if (from === null || to === null || !(data instanceof Uint8Array)) return storedValues(array);
  const [size, newSize] = [elementCount(array.shape), elementCount(input.shape)];
  const count = data.length / size;
  const resized = new Uint8Array(count * newSize);
  for (let i = 0; i < count; i++) {
    const planes = { ...from, data: data.subarray(i * size, (i + 1) * size) };
    resized.set(fitPlanes(planes, { ...to, resize }), i * newSize);
  }
  return { kind: "pixels", data: resized };
}
