/** The geometry of pooling windows, which the pools and their gradients share. */
import { invariant } from "../diagnostics/invariant.js";
import type { WindowAttributes } from "../ir/graph.js";
import { checkPositive } from "./convolution.js";

export type PoolAttributes = WindowAttributes & { readonly ceil: boolean };
type ImageShape = readonly [number, number, number, number];

/** The output's shape for an input's. */
export function poolOutput({ size, stride, pad, ceil }: PoolAttributes, x: ImageShape): ImageShape {
  checkPositive([...size, ...stride], "a window's size or stride");
  const [batch, channels, height, width] = x;
  const along = (extent: number, axis: 0 | 1): number => {
    const before = pad[axis];
    const after = pad[axis + 2]!;
    const window = size[axis];
    invariant(
      before >= 0 && after >= 0 && before < window && after < window,
      () => `padding ${pad.join()} of ${size.join()}`,
    );
    const travel = extent + before + after - window;
    invariant(
      travel >= 0,
      () => `a window of ${String(window)} in ${String(extent)} and ${String(before + after)}`,
    );
    const count = (ceil ? Math.ceil(travel / stride[axis]) : Math.floor(travel / stride[axis])) + 1;
    // A last window that starts in the padding after the input sees nothing of it.
    return (count - 1) * stride[axis] >= extent + before ? count - 1 : count;
  };
  return [batch, channels, along(height, 0), along(width, 1)];
}

/** One window, clipped to the input: rows [top, bottom), columns [left, right) of a plane of x. */
export interface PoolWindow {
  /** The index of the window's output element. */
  readonly output: number;
  /** Where the plane begins in x. */
  readonly plane: number;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  /** Its positions counting padding, but not what `ceil` lets stick out beyond it (as PyTorch counts). */
  readonly paddedArea: number;
}

export function forEachWindow(
  { size, stride, pad }: PoolAttributes,
  x: ImageShape,
  output: ImageShape,
  visit: (window: PoolWindow) => void,
): void {
  const [, , height, width] = x;
  const [batch, channels, outHeight, outWidth] = output;
  for (let index = 0; index < batch * channels * outHeight * outWidth; index++) {
    const plane = Math.floor(index / (outHeight * outWidth));
    const top = (Math.floor(index / outWidth) % outHeight) * stride[0] - pad[0];
    const left = (index % outWidth) * stride[1] - pad[1];
    const bottom = Math.min(top + size[0], height + pad[2]);
    const right = Math.min(left + size[1], width + pad[3]);
    visit({
      output: index,
      plane: plane * height * width,
      top: Math.max(top, 0),
      bottom: Math.min(bottom, height),
      left: Math.max(left, 0),
      right: Math.min(right, width),
      paddedArea: (bottom - top) * (right - left),
    });
  }
}

/** Calls `visit` with the index in x of every position of a window, row by row. */
export function forEachPosition(window: PoolWindow, width: number, visit: (index: number) => void): void {
  for (let row = window.top; row < window.bottom; row++) {
    const start = window.plane + row * width;
    for (let column = window.left; column < window.right; column++) visit(start + column);
  }
}
