/**
 * Occlusion sensitivity (Zeiler and Fergus, "Visualizing and Understanding Convolutional
 * Networks", 2014, figure 7): a patch is covered, and the probability of the class asked
 * for. Where it falls, the net was looking.
 */
import { elementCount } from "../tensor.js";

export interface OcclusionSettings {
  /** Rows and columns that are covered. */
  readonly size: number;
  /** Pixels from one place of the patch to the next. */
  readonly stride: number;
  /** What covers, in the numbers of the input. */
  readonly fill: number;
  readonly batch: number;
}

export interface OcclusionMap {
  /** Places down and across. */
  readonly rows: number;
  readonly columns: number;
  /** The probability of the class with the patch at each place, row-major. */
  readonly probabilities: Float32Array;
  /** With nothing covered. */
  readonly uncovered: number;
}

/** Places of the patch along an axis: all that lie inside, and the last one flush with the end. */
export function patchStarts(length: number, size: number, stride: number): readonly number[] {
  const last = Math.max(0, length - size);
  const starts: number[] = [];
  for (let start = 0; start < last; start += stride) starts.push(start);
  return [...starts, last];
}

/**
 * Covers the patch at every place and asks for the class.
 * @param image [C, H, W]
 * @param probabilities of the class, for `count` images one after the other
 */
export async function occlusionMap(
  image: { readonly shape: readonly number[]; readonly data: Float32Array },
  settings: OcclusionSettings,
  probabilities: (images: Float32Array, count: number) => Promise<ArrayLike<number>>,
): Promise<OcclusionMap> {
  const [, height = 1, width = 1] = image.shape;
  const rows = patchStarts(height, settings.size, settings.stride);
  const columns = patchStarts(width, settings.size, settings.stride);
  const places = rows.flatMap((y) => columns.map((x) => [y, x] as const));
  const size = elementCount(image.shape);
  const found = new Float32Array(places.length);
  for (let first = 0; first < places.length; first += settings.batch) {
    const some = places.slice(first, first + settings.batch);
    const images = new Float32Array(some.length * size);
    some.forEach(([y, x], index) => {
      const copy = images.subarray(index * size, (index + 1) * size);
      copy.set(image.data);
      cover(copy, image.shape, y, x, settings);
    });
    found.set(Array.from(await probabilities(images, some.length)), first);
  }
  const [uncovered = NaN] = Array.from(await probabilities(image.data, 1));
  return { rows: rows.length, columns: columns.length, probabilities: found, uncovered };
}

/**
 * How much each pixel matters: the mean fall of the probability over all the patches that
 * cover it; negative where covering helps.
 */
export function sensitivity(
  [, height = 1, width = 1]: readonly number[],
  { probabilities, uncovered }: OcclusionMap,
  { size, stride }: Pick<OcclusionSettings, "size" | "stride">,
): Float32Array {
  const rows = patchStarts(height, size, stride);
  const columns = patchStarts(width, size, stride);
  const sums = new Float64Array(height * width);
  const counts = new Uint32Array(height * width);
  rows.forEach((y, row) => {
    columns.forEach((x, column) => {
      const fall = uncovered - probabilities[row * columns.length + column]!;
      for (let i = y; i < Math.min(height, y + size); i++) {
        for (let j = x; j < Math.min(width, x + size); j++) {
          sums[i * width + j]! += fall;
          counts[i * width + j]! += 1;
        }
      }
    });
  });
  return Float32Array.from(sums, (sum, at) => (counts[at] === 0 ? 0 : sum / counts[at]!));
}

function cover(
  data: Float32Array,
  [channels = 1, height = 1, width = 1]: readonly number[],
  y: number,
  x: number,
  { size, fill }: OcclusionSettings,
): void {
  for (let channel = 0; channel < channels; channel++) {
    for (let row = y; row < Math.min(height, y + size); row++) {
      const start = (channel * height + row) * width;
      data.fill(fill, start + x, start + Math.min(width, x + size));
    }
  }
}
