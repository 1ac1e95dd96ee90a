/**
 * Shapes that a file declares, before anything is believed or allocated.
 *
 * Invariant: an accepted shape has at most 32 axes and a byte size that is an exact
 * integer, so later arithmetic on it cannot round or overflow.
 */
import { formatShape } from "../tensor.js";

const maximumRank = 32;

export type ShapeSize =
  { readonly ok: true; readonly elements: number } | { readonly ok: false; readonly problem: string };

/** The number of elements of a declared shape, or what is wrong with it. */
export function checkShape(shape: readonly number[], bytesPerElement: number): ShapeSize {
  if (shape.length > maximumRank) {
    return { ok: false, problem: `declares ${shape.length} axes; at most ${maximumRank} are read` };
  }
  let elements = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      return { ok: false, problem: `declares the size ${size} in ${formatShape(shape)}, which is no size` };
    }
    elements *= size;
    if (!Number.isSafeInteger(elements * bytesPerElement)) {
      return { ok: false, problem: `declares the shape ${formatShape(shape)}, more than any file can hold` };
    }
  }
  return { ok: true, elements };
}
