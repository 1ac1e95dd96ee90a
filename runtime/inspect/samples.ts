/** What a net draws, as a grid: beside what it was given and what it should have drawn. */
import type { TensorLike } from "../tensor.js";
import { gridOf, squareColumns } from "./grid.js";
import { paint, type Range, rangeOf, unitRange } from "./paint.js";
import type { PictureShape } from "./picture-shape.js";
import type { Picture } from "./picture.js";

/** A batch of pictures, one column of a sample: input, output or target. */
export interface SampleColumn {
  readonly shape: PictureShape;
  readonly values: TensorLike["data"];
  /** The numbers that are black and white. */
  readonly range: Range;
}

/** Pixels between the pictures of one sample, and between samples. */
const [innerGap, outerGap] = [1, 4];
/** Small pictures are enlarged until a row of samples is about so wide. */
const targetWidth = 880;
const largestScale = 4;

/**
 * The range that a batch of pictures is drawn in: 0..1, or -1..1 where tanh ends a net, or
 * from the smallest to the largest number where the pictures are normalized in another way.
 */
export function pictureRange(values: ArrayLike<number>): Range {
  const { low, high } = rangeOf(values);
  const isNear = (value: number, end: number): boolean => Math.abs(value - end) < 0.35;
  if (low > -0.35 && high < 1.35) return unitRange;
  return isNear(low, -1) && isNear(high, 1) ? { low: -1, high: 1 } : { low, high };
}

export interface SampleGrid {
  readonly picture: Picture;
  /** The height of its first row of samples, gap above included. */
  readonly rowHeight: number;
}

/** `count` samples, each with its columns side by side. */
export function sampleGrid(columns: readonly SampleColumn[], count: number): SampleGrid {
  const samples = Array.from({ length: count }, (_, index) => {
    const pictures = columns.map(({ shape, values, range }) => {
      const [height, width] = [shape.at(-2)!, shape.at(-1)!];
      const size = height * width * (shape.length === 3 ? 3 : 1);
      const data = Float32Array.from({ length: size }, (_, at) => values[index * size + at]!);
      return paint({ width, height, data }, range);
    });
    return pictures.length === 1
      ? pictures[0]!
      : gridOf(pictures, { columns: pictures.length, gap: innerGap });
  });
  const width = samples[0]?.width ?? 1;
  const height = samples[0]?.height ?? 1;
  const across =
    columns.length === 1
      ? squareColumns(count)
      : Math.min(count, Math.max(1, Math.floor(4 / (columns.length / 3))));
  const scale = Math.max(1, Math.min(largestScale, Math.floor(targetWidth / (across * (width + outerGap)))));
  return {
    picture: gridOf(samples, { columns: across, gap: outerGap, scale }),
    rowHeight: outerGap + height * scale,
  };
}

/** The first rows of several grids, one under the other: the same samples as time goes by. */
export function stripOf(rows: readonly Picture[], rowHeight: number): Picture {
  const cut = rows.map((row): Picture => {
    const height = Math.min(row.height, rowHeight);
    return { ...row, height, pixels: row.pixels.subarray(0, height * row.width * row.channels) };
  });
  return gridOf(cut, { columns: 1, gap: 0 });
}
