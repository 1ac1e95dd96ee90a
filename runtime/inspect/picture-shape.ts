/** Which tensors are pictures, and how large. */

/** Height and width, behind 3 where the pictures are in colour. */
export type PictureShape =
  readonly [height: number, width: number] | readonly [3, height: number, width: number];

/** Fewer pixels in a row are more likely features than a picture. */
const smallestSide = 4;

/** The square that has so many pixels, in grey or in colour; null where there is none. */
export function squareOf(count: number): PictureShape | null {
  const grey = Math.sqrt(count);
  const colour = Math.sqrt(count / 3);
  if (Number.isInteger(grey) && grey >= smallestSide) return [grey, grey];
  return Number.isInteger(colour) && colour >= smallestSide ? [3, colour, colour] : null;
}

/**
 * The picture that one example is: [1, H, W], [3, H, W], [H, W], or a row of as many numbers
 * as a square of at least 8 by 8 has pixels. Null for everything else.
 */
export function pictureShapeOf(example: readonly number[]): PictureShape | null {
  const [first = 0, second = 0, third = 0] = example;
  if (example.length === 3 && first === 3) return [3, second, third];
  if (example.length === 3) return first === 1 ? [second, third] : null;
  if (example.length === 2) return [first, second];
  return example.length === 1 && first >= 64 ? squareOf(first) : null;
}
