/**
 * Copies of images for test-time averaging: mirrored, shifted, or both (Krizhevsky, Sutskever
 * and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012).
 *
 * Invariant: the first copy is the image as it is.
 */

export interface ImageCopy {
  readonly isMirrored: boolean;
  /** Rows that the content moves down, and columns to the right; what comes in is zero. */
  readonly down: number;
  readonly right: number;
}

/** The image; with `flip` its mirror image; with `shift` both also moved to four sides. */
export function imageCopies({
  flip,
  shift,
}: {
  readonly flip: boolean;
  readonly shift: number;
}): readonly ImageCopy[] {
  const sides = [
    [shift, 0],
    [-shift, 0],
    [0, shift],
    [0, -shift],
  ] as const;
  const moves = [[0, 0] as const, ...(shift === 0 ? [] : sides)];
  return [false, ...(flip ? [true] : [])].flatMap((isMirrored) =>
    moves.map(([down, right]) => ({ isMirrored, down, right })),
  );
}

export function isUnchanged({ isMirrored, down, right }: ImageCopy): boolean {
  return !isMirrored && down === 0 && right === 0;
}

/** A copy of planes of `height` rows and `width` columns, one after the other. */
export function copyImages(
  values: Float32Array,
  height: number,
  width: number,
  { isMirrored, down, right }: ImageCopy,
): Float32Array {
  const copied = new Float32Array(values.length);
  const plane = height * width;
  for (let start = 0; start < values.length; start += plane) {
    for (let row = 0; row < height; row++) {
      const from = row - down;
      if (from < 0 || from >= height) continue;
      for (let column = 0; column < width; column++) {
        const source = column - right;
        if (source < 0 || source >= width) continue;
        const at = isMirrored ? width - 1 - source : source;
        copied[start + row * width + column] = values[start + from * width + at]!;
      }
    }
  }
  return copied;
}
