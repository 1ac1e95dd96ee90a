/**
 * The arithmetic of windows that slide along an axis: convolutions and pools.
 *
 * For n rows, a window of `size` rows `dilation` apart, and padding before and after:
 * floor((n + before + after - dilation * (size - 1) - 1) / stride) + 1 positions; with
 * `ceil` rounded up, where the last window must begin inside the input or the padding
 * before it.
 */
import { invariant } from "../diagnostics/invariant.js";
import { type Size, add, ceilDivide, constant, floorDivide, format } from "../sizes/size.js";
import type { Padding } from "./settings.js";

/** A window along one axis. */
export interface WindowAxis {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** `same` depends on the length of the axis. */
  readonly padding: "same" | readonly [before: number, after: number];
  readonly ceil: boolean;
}

export interface WindowSettings {
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: Padding;
  readonly ceil: boolean;
}

/** The windows along [vertical, horizontal]. */
export function windowAxes(settings: WindowSettings): readonly [WindowAxis, WindowAxis] {
  const axis = (index: 0 | 1): WindowAxis => {
    const size = settings.size[index];
    const dilation = settings.dilation[index];
    return {
      size,
      stride: settings.stride[index],
      dilation,
      padding: axisPadding(settings.padding, index, dilation * (size - 1)),
      ceil: settings.ceil,
    };
  };
  return [axis(0), axis(1)];
}

/** Paddings [top, left, bottom, right] of windows over an image of this height and width. */
export function paddingsAt(
  [vertical, horizontal]: readonly [WindowAxis, WindowAxis],
  height: number,
  width: number,
): readonly [number, number, number, number] {
  const [top, bottom] = paddingAt(vertical, height);
  const [left, right] = paddingAt(horizontal, width);
  return [top, left, bottom, right];
}

/** The rows a window spans. */
export function extent(window: WindowAxis): number {
  return window.dilation * (window.size - 1) + 1;
}

/** The fewest rows an axis must have for one window to fit. */
export function shortestLength(window: WindowAxis): number {
  if (window.padding === "same") return 1;
  const [before, after] = window.padding;
  return Math.max(1, extent(window) - before - after);
}

/** How many positions the window has on an axis of this length. */
export function windowOutput(window: WindowAxis, length: Size): Size {
  if (window.padding === "same") return ceilDivide(length, constant(window.stride));
  const [before, after] = window.padding;
  const stride = constant(window.stride);
  if (window.ceil && extent(window) < window.stride + after) {
    return ceilDivide(add(length, constant(before)), stride);
  }
  const room = add(length, constant(before + after - extent(window)));
  const divide = window.ceil ? ceilDivide : floorDivide;
  return add(divide(room, stride), constant(1));
}

/** `56 -> floor((56 + 2 - 2 - 1) / 2) + 1 = 28` */
export function windowArithmetic(window: WindowAxis, length: Size): string {
  const from = format(length);
  return `${from} -> ${formula(window, from)} = ${format(windowOutput(window, length))}`;
}

/**
 * How many rows at the end of the axis no window reaches, beyond the gap that a stride
 * larger than the window leaves between any two windows.
 */
export function droppedRows(window: WindowAxis, length: number): number {
  if (window.padding === "same" || window.ceil) return 0;
  const [before, after] = window.padding;
  const rest = (length + before + after - extent(window)) % window.stride;
  const gap = Math.max(0, window.stride - extent(window));
  return Math.max(0, rest - after - gap);
}

function axisPadding(padding: Padding, axis: 0 | 1, full: number): WindowAxis["padding"] {
  switch (padding) {
    case "same":
      return "same";
    case "valid":
      return [0, 0];
    case "full":
      return [full, full];
    default:
      return [padding[axis], padding[axis + 2]!];
  }
}

function paddingAt(window: WindowAxis, length: number): readonly [number, number] {
  if (window.padding !== "same") return window.padding;
  const positions = Math.ceil(length / window.stride);
  const total = Math.max(0, (positions - 1) * window.stride + extent(window) - length);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

function formula(window: WindowAxis, from: string): string {
  const stride = String(window.stride);
  if (window.padding === "same") return window.stride === 1 ? from : `ceil(${from} / ${stride})`;
  const [before, after] = window.padding;
  const span = extent(window) - 1;
  invariant(span >= 0, "a window spans at least one row");
  if (window.ceil && extent(window) < window.stride + after) {
    return `ceil((${from}${term("+", before)}) / ${stride})`;
  }
  const room = `${from}${term("+", before + after)}${term("-", span)}`;
  if (window.stride === 1) return room;
  return `${window.ceil ? "ceil" : "floor"}((${room} - 1) / ${stride}) + 1`;
}

function term(sign: "+" | "-", value: number): string {
  return value === 0 ? "" : ` ${sign} ${String(value)}`;
}
