/**
 * From the planes of a JPEG to pixels: half-size planes are doubled by the triangle filter of
 * the Independent JPEG Group's library (jdsample.c), colours converted as there (jdcolor.c).
 */
import type { Image } from "./image.js";
import type { ComponentHeader, JpegFrame } from "./jpeg-frame.js";
import type { JpegPlane } from "./jpeg-inverse.js";

/** What tells how the components mean colours. */
export interface JpegColours {
  readonly isJfif: boolean;
  /** Of Adobe's marker: 0 as they are, 1 YCbCr, 2 YCbCr and black; null without the marker. */
  readonly adobeTransform: number | null;
}

/** Samples of a plane at the picture's size, row by row. */
type Samples = Uint8Array;

export function joinComponents(frame: JpegFrame, planes: readonly JpegPlane[], colours: JpegColours): Image {
  const { width, height } = frame;
  const full = planes.map((plane, i) => enlarge(plane, frame, frame.components[i]!));
  const [first, second, third, fourth] = full;
  if (first === undefined || second === undefined || third === undefined) {
    return { width, height, channels: 1, data: first ?? new Uint8Array(0) };
  }
  if (fourth === undefined) {
    const data = interleave([first, second, third]);
    if (isYcc(frame.components, colours)) toRgb(data);
    return { width, height, channels: 3, data };
  }
  const inks = interleave([first, second, third]);
  const { adobeTransform } = colours;
  const isYcck = adobeTransform !== null && adobeTransform !== 0;
  if (isYcck) toRgb(inks);
  // Adobe stores the lack of ink; the colours that come out of YCbCr are what that lacks, the ink.
  if (adobeTransform === 0) invert(inks);
  if (adobeTransform === null) invert(fourth);
  printInks(inks, fourth);
  return { width, height, channels: 3, data: inks };
}

function invert(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = 255 - bytes[i]!;
}

/** As libjpeg decides. */
function isYcc(components: readonly ComponentHeader[], { isJfif, adobeTransform }: JpegColours): boolean {
  if (isJfif) return true;
  if (adobeTransform !== null) return adobeTransform !== 0;
  return components.map(({ id }) => String.fromCharCode(id)).join("") !== "RGB";
}

function interleave(planes: readonly Samples[]): Uint8Array {
  const channels = planes.length;
  const data = new Uint8Array(planes[0]!.length * channels);
  planes.forEach((plane, c) => {
    for (let i = 0; i < plane.length; i++) data[i * channels + c] = plane[i]!;
  });
  return data;
}

/** Constants with 16 fractional bits. */
const [redOfCr, blueOfCb, greenOfCr, greenOfCb] = [91_881, 116_130, 46_802, 22_554] as const;
const half = 1 << 15;

/** Y, Cb, Cr to red, green, blue (JFIF, T.871), in place. */
function toRgb(data: Uint8Array): void {
  for (let i = 0; i < data.length; i += 3) {
    const [y, cb, cr] = [data[i]!, data[i + 1]! - 128, data[i + 2]! - 128];
    data[i] = clamp(y + ((redOfCr * cr + half) >> 16));
    data[i + 1] = clamp(y + ((half - greenOfCb * cb - greenOfCr * cr) >> 16));
    data[i + 2] = clamp(y + ((blueOfCb * cb + half) >> 16));
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** Cyan, magenta and yellow ink on the light that black leaves, to red, green, blue, as Pillow does; in place. */
function printInks(inks: Uint8Array, lights: Samples): void {
  for (let i = 0; i < inks.length; i++) {
    const light = lights[Math.floor(i / 3)]!;
    const product = inks[i]! * light + 128;
    inks[i] = clamp(light - ((product + (product >> 8)) >> 8));
  }
}

/** A plane at the picture's size. */
function enlarge(plane: JpegPlane, frame: JpegFrame, { across, down }: ComponentHeader): Samples {
  const { width, height } = frame;
  const [timesAcross, timesDown] = [frame.across / across, frame.down / down];
  const isSmooth = plane.width > 2;
  if (timesAcross === 2 && timesDown === 1 && isSmooth)
    return crop(doubleRows(plane), 2 * plane.width, frame);
  if (timesAcross === 1 && timesDown === 2) return crop(doubleDown(plane), plane.width, frame);
  if (timesAcross === 2 && timesDown === 2 && isSmooth)
    return crop(doubleBoth(plane), 2 * plane.width, frame);
  const samples = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / timesDown) * plane.stride;
    for (let x = 0; x < width; x++)
      samples[y * width + x] = plane.samples[row + Math.floor(x / timesAcross)]!;
  }
  return samples;
}

function crop(samples: Uint8Array, stride: number, { width, height }: JpegFrame): Samples {
  if (stride === width) return samples.subarray(0, width * height);
  const cropped = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) cropped.set(samples.subarray(y * stride, y * stride + width), y * width);
  return cropped;
}

/** Three quarters of the nearer sample and a quarter of the farther, horizontally. */
function doubleRows({ stride, width, height, samples }: JpegPlane): Uint8Array {
  const out = new Uint8Array(2 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * stride + x;
      const near = samples[at]!;
      const to = 2 * (y * width + x);
      out[to] = x === 0 ? near : (3 * near + samples[at - 1]! + 1) >> 2;
      out[to + 1] = x === width - 1 ? near : (3 * near + samples[at + 1]! + 2) >> 2;
    }
  }
  return out;
}

/** The same vertically. */
function doubleDown(plane: JpegPlane): Uint8Array {
  const { stride, width, height, samples } = plane;
  const out = new Uint8Array(2 * width * height);
  for (let y = 0; y < 2 * height; y++) {
    const near = (y >> 1) * stride;
    const far = farRow(plane, y) * stride;
    const rounding = y % 2 === 0 ? 1 : 2;
    for (let x = 0; x < width; x++) {
      out[y * width + x] = (3 * samples[near + x]! + samples[far + x]! + rounding) >> 2;
    }
  }
  return out;
}

/** Both at once. */
function doubleBoth(plane: JpegPlane): Uint8Array {
  const { stride, width, height, samples } = plane;
  const out = new Uint8Array(4 * width * height);
  const sums = new Int32Array(width);
  for (let y = 0; y < 2 * height; y++) {
    const near = (y >> 1) * stride;
    const far = farRow(plane, y) * stride;
    for (let x = 0; x < width; x++) sums[x] = 3 * samples[near + x]! + samples[far + x]!;
    for (let x = 0; x < width; x++) {
      const to = 2 * (y * width + x);
      const sum = sums[x]!;
      out[to] = (3 * sum + (x === 0 ? sum : sums[x - 1]!) + 8) >> 4;
      out[to + 1] = (3 * sum + (x === width - 1 ? sum : sums[x + 1]!) + 7) >> 4;
    }
  }
  return out;
}

/** The other row that row `y` of a doubled plane lies near; the outermost rows lie near one alone. */
function farRow({ height }: JpegPlane, y: number): number {
  return Math.min(height - 1, Math.max(0, (y >> 1) + (y % 2 === 0 ? -1 : 1)));
}
