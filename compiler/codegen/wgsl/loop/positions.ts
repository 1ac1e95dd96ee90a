/**
 * Where an invocation of a loop stands: coordinates along the normal axes, and from them the
 * index of every operand, as WGSL.
 */
import type { NormalAxis } from "../../loop/normal-axes.js";

/** `let` statements that take a row-major number apart into coordinates of the axes. */
export function coordinatesOf(number: string, axes: readonly NormalAxis[], prefix: string): Coordinates {
  const statements: string[] = [];
  const names: string[] = [];
  let rest = number;
  for (const [index, axis] of [...axes.entries()].toReversed()) {
    const name = `${prefix}${String(index)}`;
    names[index] = name;
    if (index === 0) statements.push(`let ${name} = ${rest};`);
    else {
      statements.push(`let ${name} = ${rest} % ${String(axis.size)}u;`);
      const next = `${prefix}r${String(index)}`;
      statements.push(`let ${next} = ${rest} / ${String(axis.size)}u;`);
      rest = next;
    }
  }
  return { statements, names, axes };
}

export interface Coordinates {
  readonly statements: readonly string[];
  /** A u32 for every axis. */
  readonly names: readonly string[];
  readonly axes: readonly NormalAxis[];
}

/** A u32 expression: the sum of coordinates times what one step along their axes adds. */
export function indexOf(parts: readonly Coordinates[], stride: (axis: NormalAxis) => number): string {
  const terms = parts.flatMap(({ names, axes }) =>
    axes.flatMap((axis, index) => {
      const step = stride(axis);
      if (step === 0) return [];
      return [step === 1 ? names[index]! : `${names[index]!} * ${String(step)}u`];
    }),
  );
  return terms.length === 0 ? "0u" : terms.join(" + ");
}

/** The coordinate along an axis of the domain; 0 where that has size 1. */
export function coordinateAlong(parts: readonly Coordinates[], domainAxis: number): string {
  for (const { names, axes } of parts) {
    const index = axes.findIndex(({ coordinate }) => coordinate === domainAxis);
    if (index >= 0) return names[index]!;
  }
  return "0u";
}
