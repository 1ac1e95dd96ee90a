/** Which size and channels image files are brought to for an input, and what is said about it. */
import { UserError } from "../program/user-error.js";
import { elementCount } from "../tensor.js";
import type { DataArray } from "./dataset.js";
import { widthOf, type ImageFit, type Resize } from "./fit-image.js";
import { formatOffenders } from "../files/offenders.js";
import type { ImageEntry } from "./pixel-reader.js";

/** An array of image files. */
export type ImageArray = DataArray & { readonly values: { readonly kind: "images" } };

export function isImageArray(array: DataArray): array is ImageArray {
  return array.values.kind === "images";
}

/** Size and channels as an input declares them; null when it declares no image. */
export function declaredImage(shape: readonly number[]): Omit<ImageFit, "resize"> | null {
  const [channels, height, width] = shape.length === 2 ? [1, ...shape] : shape;
  if (shape.length < 2 || shape.length > 3 || height === undefined || width === undefined) return null;
  return channels === 1 || channels === 3 ? { channels, height, width } : null;
}

/**
 * How the images are read for an input: as it declares them, or, for an input that is a row of
 * numbers, as they are. Null when neither gives as many numbers as the input takes.
 */
export function fitFor(
  shape: readonly number[],
  images: readonly ImageEntry[],
  resize: Resize,
): ImageFit | null {
  const declared = declaredImage(shape);
  if (declared !== null) return { ...declared, resize };
  const [size, another] = sizesOf(images);
  if (shape.length !== 1 || size === undefined || another !== undefined) return null;
  const { height, width } = size;
  const channels = elementCount(shape) / (height * width);
  return channels === 1 || channels === 3 ? { channels, height, width, resize } : null;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** The first image that has it. */
  readonly source: string;
}

/** The sizes that occur, in the order of the images. */
export function sizesOf(images: readonly ImageEntry[]): readonly ImageSize[] {
  const sizes = new Map<number, ImageSize>();
  for (const { header, half, source } of images) {
    const { height } = header;
    const width = widthOf(header.width, half);
    const key = width * 2 ** 16 + height;
    const before = sizes.get(key) ?? { width, height, source, count: 0 };
    sizes.set(key, { ...before, count: before.count + 1 });
  }
  return [...sizes.values()];
}

/** `32 x 32`, or `several sizes, 20 x 30 to 640 x 480`, width first. */
export function describeSizes(sizes: readonly ImageSize[]): string {
  const byArea = [...sizes].sort((a, b) => a.width * a.height - b.width * b.height);
  const [smallest, largest] = [byArea[0]!, byArea.at(-1)!];
  const format = ({ width, height }: ImageSize): string => `${width} x ${height}`;
  if (sizes.length === 1) return format(smallest);
  return `${sizes.length} sizes, ${format(smallest)} to ${format(largest)}`;
}

/** Red, green, blue when one of them has colours. */
export function channelsOf(images: readonly ImageEntry[]): 1 | 3 {
  return images.some(({ header }) => header.channels >= 3) ? 3 : 1;
}

/** Why image files cannot feed an input: they would have to be of one size, or are declared oddly. */
export function explainMisfit(
  input: { readonly name: string; readonly shape: readonly number[] },
  array: ImageArray,
): UserError {
  const { images } = array.values;
  const sizes = sizesOf(images);
  const declared = `[${["N", ...input.shape].join(", ")}]`;
  const { height, width } = sizes[0]!;
  const suggestion = `[N, ${channelsOf(images)}, ${height}, ${width}]`;
  const what = `input ${input.name} is declared as ${declared}, and the images of ${array.source}`;
  if (input.shape.length === 1 && sizes.length > 1) {
    const list = sizes.map((size) => `${size.width} x ${size.height} (${size.source})`);
    return new UserError(
      `${what} have several sizes: ${formatOffenders(list, list.length)}`,
      `Declare one that they are brought to: input ${input.name}${suggestion}, and flatten it in the net.`,
    );
  }
  const found = `are ${describeSizes(sizes)} pixels, ${channelsOf(images) === 3 ? "in colour" : "grey"}`;
  return new UserError(
    `${what} ${found}`,
    `Images have 1 channel or 3: input ${input.name}${suggestion}, or any other height and width.`,
  );
}

/** What is done to the images, for the user; empty when nothing is. */
export function notesOnFit(input: string, array: ImageArray, fit: ImageFit): readonly string[] {
  const { images } = array.values;
  const sizes = sizesOf(images);
  const notes: string[] = [];
  if (sizes.some(({ width, height }) => width !== fit.width || height !== fit.height)) {
    const are = sizes.length === 1 ? "are" : "have";
    notes.push(
      `The images of ${array.source} ${are} ${describeSizes(sizes)}; for input ${input} they are ` +
        `resized to ${fit.width} x ${fit.height}: ${resizeWords[fit.resize]}.`,
    );
  }
  const grey = images.filter(({ header }) => header.channels <= 2).length;
  if (fit.channels === 1 && grey < images.length) {
    notes.push(`Colours of ${array.source} become grey, by their luma (Rec. 601), for input ${input}.`);
  }
  if (fit.channels === 3 && grey > 0) {
    const all = grey === images.length ? "The images" : `${grey} of the ${images.length} images`;
    notes.push(`${all} of ${array.source} are grey; the three channels of input ${input} are equal there.`);
  }
  return notes;
}

const resizeWords: Readonly<Record<Resize, string>> = {
  crop: "the shorter side fits, and the middle of the longer is kept (--resize fit or stretch does otherwise)",
  fit: "the longer side fits, and black fills the rest",
  stretch: "both sides fit, whatever becomes of the proportions",
};
