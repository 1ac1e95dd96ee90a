/** The fixtures' rule for filling tensors: by formula, so that no weights need to be shipped. */
import { elementCount } from "../../compiler/ir/shapes.js";

/** How a fixture's tensor is filled. */
export interface Filled {
  readonly shape: readonly number[];
  readonly kind: string;
  readonly seed: number;
}

/** The values of a tensor by the fill rule: integer hashing, rounded to float32. */
export function fill({ shape, kind, seed }: Filled): Float64Array {
  const values = new Float64Array(elementCount(shape));
  const bound = Math.sqrt(6 / elementCount(shape.slice(1)));
  const classes = kind.startsWith("class:") ? Number(kind.slice("class:".length)) : null;
  for (let index = 0; index < values.length; index++) {
    const unit = hash(index, seed) / 2 ** 32;
    values[index] = classes === null ? Math.fround(fillOf(kind, unit, bound)) : Math.floor(unit * classes);
  }
  return values;
}

function hash(index: number, seed: number): number {
  let x = (index + Math.imul(seed, 0x9e3779b9)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

function fillOf(kind: string, unit: number, bound: number): number {
  switch (kind) {
    case "weight":
      return (2 * unit - 1) * bound;
    case "bias":
    case "mean":
      return (2 * unit - 1) * 0.1;
    case "scale":
      return 0.75 + 0.5 * unit;
    case "var":
      return 0.5 + unit;
    case "signed":
      return 2 * unit - 1;
    case "unit":
      return unit;
    default:
      throw new Error(`no fill rule ${kind}`);
  }
}
