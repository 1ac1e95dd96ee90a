/**
 * Draws curved strokes with a round pen into a small grey image, with anti-aliasing.
 *
 * Invariant: only additions, multiplications, divisions and square roots, which IEEE
 * 754 fixes to the last bit, so every engine draws the same image.
 */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A grey image; ink from 0 (none) to 1. */
export interface Canvas {
  readonly size: number;
  /** size x size, row-major */
  readonly ink: Float64Array;
}

/** How many straight pieces stand for the curve between two points. */
const piecesPerSpan = 6;

/** A Catmull-Rom curve (Catmull and Rom, 1974) through the points, as a chain of points close together. */
export function smoothCurve(points: readonly Point[]): readonly Point[] {
  const curve: Point[] = [];
  for (let i = 0; i + 1 < points.length; i++) {
    const from = points[i]!;
    const to = points[i + 1]!;
    const before = points[i - 1] ?? from;
    const after = points[i + 2] ?? to;
    for (let piece = 0; piece < piecesPerSpan; piece++) {
      const t = piece / piecesPerSpan;
      curve.push({
        x: catmullRom(before.x, from.x, to.x, after.x, t),
        y: catmullRom(before.y, from.y, to.y, after.y, t),
      });
    }
  }
  curve.push(points.at(-1)!);
  return curve;
}

function catmullRom(before: number, from: number, to: number, after: number, t: number): number {
  const linear = to - before;
  const quadratic = 2 * before - 5 * from + 4 * to - after;
  const cubic = 3 * from - before - 3 * to + after;
  return from + 0.5 * t * (linear + t * (quadratic + t * cubic));
}

/**
 * Adds a chain of straight pieces, in pixels, drawn with a pen of `radius` whose edge
 * fades over `softness` pixels. Where strokes cross, the darker one shows.
 */
export function drawChain(
  canvas: Canvas,
  chain: readonly Point[],
  pen: { readonly radius: number; readonly softness: number; readonly ink: number },
): void {
  for (let i = 0; i + 1 < chain.length; i++) drawPiece(canvas, chain[i]!, chain[i + 1]!, pen);
}

function drawPiece(
  { size, ink }: Canvas,
  from: Point,
  to: Point,
  pen: { readonly radius: number; readonly softness: number; readonly ink: number },
): void {
  const reach = pen.radius + pen.softness;
  const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
  const right = Math.min(size - 1, Math.ceil(Math.max(from.x, to.x) + reach));
  const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
  const bottom = Math.min(size - 1, Math.ceil(Math.max(from.y, to.y) + reach));
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const lengthSquared = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const [px, py] = [x - from.x, y - from.y];
      const along = lengthSquared === 0 ? 0 : (px * dx + py * dy) / lengthSquared;
      const t = along < 0 ? 0 : along > 1 ? 1 : along;
      const [ex, ey] = [px - t * dx, py - t * dy];
      const distance = Math.sqrt(ex * ex + ey * ey);
      const cover = 0.5 + (pen.radius - distance) / pen.softness;
      const value = pen.ink * (cover < 0 ? 0 : cover > 1 ? 1 : cover);
      const at = y * size + x;
      if (value > ink[at]!) ink[at] = value;
    }
  }
}
