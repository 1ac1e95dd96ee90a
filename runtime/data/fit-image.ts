/**
 * Brings an image to the channels and the size that an input declares.
 *
 * before: pixels side by side, of any size, grey or colour, with alpha or without -> after:
 * planes of exactly the declared size, in the order [channels, height, width].
 */
import type { Image } from "../files/images/image.js";
import { resample, type Window } from "./resample.js";

/**
 * How an image of another size is brought to the declared one. `crop`: the shorter side
 * fits and the middle of the longer is kept. `fit`: the longer side fits and black fills
 * the rest. `stretch`: both sides fit, whatever becomes of the proportions.
 */
export type Resize = "crop" | "fit" | "stretch";

export const resizeWays: readonly Resize[] = ["crop", "fit", "stretch"];

/** The part of a picture that is meant where two stand side by side. */
export type ImageHalf = "left" | "right";

export interface ImageFit {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly resize: Resize;
}

/** Bytes of an image planes first: a plane per channel, each row by row. */
export interface Planes {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

/** Bytes of one example. */
export function fitSize({ channels, height, width }: ImageFit): number {
  return channels * height * width;
}

/** A decoded image, or the half of it that is meant, as the fit asks. */
export function fitImage(image: Image, half: ImageHalf | null, fit: ImageFit): Uint8Array {
  return fitPlanes(planesOf(image, half), fit);
}

/** Planes with other channels or another size, as the fit asks. */
export function fitPlanes(planes: Planes, fit: ImageFit): Uint8Array {
  return resize(withChannels(planes, fit.channels), fit);
}

/** The width of an image, or of a half of it; of an odd width the middle column belongs to neither half. */
export function widthOf(width: number, half: ImageHalf | null): number {
  return half === null ? width : Math.floor(width / 2);
}

/** Puts alpha on white, and colours into planes. */
export function planesOf({ width, height, channels, data }: Image, half: ImageHalf | null): Planes {
  const colours = channels >= 3 ? 3 : 1;
  const hasAlpha = channels % 2 === 0;
  const ownWidth = widthOf(width, half);
  const first = half === "right" ? width - ownWidth : 0;
  const planes = new Uint8Array(colours * height * ownWidth);
  for (let c = 0; c < colours; c++) {
    for (let y = 0; y < height; y++) {
      let from = (y * width + first) * channels;
      let to = (c * height + y) * ownWidth;
      for (let x = 0; x < ownWidth; x++, from += channels) {
        const value = data[from + c]!;
        planes[to++] = hasAlpha ? onWhite(value, data[from + colours]!) : value;
      }
    }
  }
  return { channels: colours, height, width: ownWidth, data: planes };
}

function onWhite(value: number, alpha: number): number {
  return Math.floor((value * alpha + 255 * (255 - alpha)) / 255 + 0.5);
}

/** Colours to grey by their luma (ITU-R BT.601), in Pillow's integers; grey to three equal planes. */
function withChannels(planes: Planes, channels: 1 | 3): Planes {
  if (planes.channels === channels) return planes;
  const { data } = planes;
  if (channels === 3) {
    const copies = new Uint8Array(3 * data.length);
    for (let c = 0; c < 3; c++) copies.set(data, c * data.length);
    return { ...planes, channels, data: copies };
  }
  const pixels = data.length / 3;
  const grey = new Uint8Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const [red, green, blue] = [data[i]!, data[pixels + i]!, data[2 * pixels + i]!];
    grey[i] = (19_595 * red + 38_470 * green + 7_471 * blue + 0x8000) >> 16;
  }
  return { ...planes, channels, data: grey };
}

function resize(planes: Planes, fit: ImageFit): Uint8Array {
  const { height, width, channels } = fit;
  if (planes.height === height && planes.width === width) return planes.data;
  const window = windowOf(planes, fit);
  const resized = new Uint8Array(fitSize(fit));
  const inside = planes.height * planes.width;
  for (let c = 0; c < channels; c++) {
    const plane = { ...planes, data: planes.data.subarray(c * inside, (c + 1) * inside) };
    const part = resample(plane, window);
    // What does not fill the size is put into its middle.
    const top = (height - window.height) >> 1;
    const left = (width - window.width) >> 1;
    for (let y = 0; y < window.height; y++) {
      resized.set(
        part.subarray(y * window.width, (y + 1) * window.width),
        (c * height + top + y) * width + left,
      );
    }
  }
  return resized;
}

/** The size the whole image would have, and the part of it that is needed. */
function windowOf(image: Planes, { height, width, resize }: ImageFit): Window {
  if (resize === "stretch") return { fullHeight: height, fullWidth: width, top: 0, left: 0, height, width };
  // The height decides where scaling by it makes the image as wide as it must be, or no wider than it may be.
  const isWideEnough = image.width * height >= width * image.height;
  const byHeight = isWideEnough === (resize === "crop");
  const fullHeight = byHeight ? height : Math.max(1, Math.floor((image.height * width) / image.width));
  const fullWidth = byHeight ? Math.max(1, Math.floor((image.width * height) / image.height)) : width;
  const part = { height: Math.min(height, fullHeight), width: Math.min(width, fullWidth) };
  const [top, left] = [(fullHeight - part.height) >> 1, (fullWidth - part.width) >> 1];
  return { fullHeight, fullWidth, top, left, ...part };
}
