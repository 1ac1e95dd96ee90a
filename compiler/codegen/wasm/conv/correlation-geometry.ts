/** The sizes of one correlation of an image with weights: see `correlation.ts`. */

/** Of rows and of columns. */
export type Pair = readonly [number, number];

export interface Correlation {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly outChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly size: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Rows and columns of zeros before the image; negative ones skip some of it. */
  readonly top: number;
  readonly left: number;
}
