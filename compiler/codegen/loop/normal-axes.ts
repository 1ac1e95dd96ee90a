/**
 * LoopKernel -> NormalLoop: the same work over as few axes as possible.
 *
 * Before: one axis per axis of the domain. After: no axis has size 1, no two neighbours
 * could be one, long reduced axes are cut into pieces so that partial sums stay short
 * and accurate.
 */
import type { Expression } from "../../../runtime/program/expression.js";
import type { LoopKernel } from "../../select/kernel.js";
import { forEachNode } from "../../ir/expression-tree.js";

export interface NormalAxis {
  readonly size: number;
  readonly isReduced: boolean;
  /** Elements from one position to the next in each operand, in the domain, and in the kept axes. */
  readonly operandStrides: readonly number[];
  readonly domainStride: number;
  readonly keptStride: number;
  /** The axis of the domain, where an expression asks for its coordinate. */
  readonly coordinate: number | null;
}

/** Reduced axes longer than this are cut where a divisor allows it. */
const longestReduced = 4096;
const shortestPiece = 64;

/** The axes of a loop, outermost first; at least one. */
export function normalAxes(spec: LoopKernel): NormalAxis[] {
  const coordinates = coordinateAxes(spec);
  const domainStrides = rowMajor(spec.domain);
  const isReduced = (axis: number): boolean => spec.reducedAxes.includes(axis);
  const keptStrides = rowMajor(spec.domain.map((size, axis) => (isReduced(axis) ? 1 : size)));
  const axes = spec.domain
    .map((size, axis): NormalAxis => ({
      size,
      isReduced: isReduced(axis),
      operandStrides: spec.operands.map(({ strides }) => strides[axis]!),
      domainStride: domainStrides[axis]!,
      keptStride: isReduced(axis) ? 0 : keptStrides[axis]!,
      coordinate: coordinates.has(axis) ? axis : null,
    }))
    .filter(({ size }) => size !== 1);
  const merged = axes.reduce<NormalAxis[]>((done, axis) => {
    const last = done.at(-1);
    return last && canMerge(last, axis) ? [...done.slice(0, -1), merge(last, axis)] : [...done, axis];
  }, []);
  return merged.length > 0 ? merged.flatMap(cut) : [singleAxis(spec)];
}

function coordinateAxes(spec: LoopKernel): ReadonlySet<number> {
  const axes = new Set<number>();
  for (const expression of expressionsOf(spec)) {
    forEachNode(expression, (part) => {
      if (part.kind === "coordinate") axes.add(part.axis);
    });
  }
  return axes;
}

export function expressionsOf({ reductions, outputs }: LoopKernel): Expression[] {
  return [...reductions, ...outputs].map(({ expression }) => expression);
}

function rowMajor(sizes: readonly number[]): number[] {
  let stride = 1;
  return sizes
    .toReversed()
    .map((size) => {
      const own = stride;
      stride *= size;
      return own;
    })
    .toReversed();
}

function canMerge(outer: NormalAxis, inner: NormalAxis): boolean {
  return (
    outer.isReduced === inner.isReduced &&
    outer.coordinate === null &&
    inner.coordinate === null &&
    outer.operandStrides.every((stride, operand) => stride === inner.operandStrides[operand]! * inner.size) &&
    outer.domainStride === inner.domainStride * inner.size &&
    outer.keptStride === inner.keptStride * inner.size
  );
}

function merge(outer: NormalAxis, inner: NormalAxis): NormalAxis {
  return { ...inner, size: outer.size * inner.size };
}

function cut(axis: NormalAxis): NormalAxis[] {
  if (!axis.isReduced || axis.coordinate !== null || axis.size <= longestReduced) return [axis];
  const piece = pieceSize(axis.size);
  if (piece === null) return [axis];
  const outer: NormalAxis = {
    ...axis,
    size: axis.size / piece,
    operandStrides: axis.operandStrides.map((stride) => stride * piece),
    domainStride: axis.domainStride * piece,
  };
  return [...cut(outer), { ...axis, size: piece }];
}

/** The largest divisor of a size in a good range, one that fills vectors if there is one. */
function pieceSize(size: number): number | null {
  for (const multiple of [16, 4, 1]) {
    for (let piece = longestReduced; piece >= shortestPiece; piece -= multiple) {
      if (size % piece === 0) return piece;
    }
  }
  return null;
}

/** The axis of a loop over a single position. */
function singleAxis(spec: LoopKernel): NormalAxis {
  return {
    size: 1,
    isReduced: false,
    operandStrides: spec.operands.map(() => 0),
    domainStride: 1,
    keptStride: 1,
    coordinate: null,
  };
}
