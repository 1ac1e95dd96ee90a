/**
 * Liveness: from when to when each stretch of the arena is needed, for an order of steps.
 *
 * Time 0 is when the host writes; step i of the order runs at time i + 1; the host reads
 * after the last. Invariant: every value of the arena is in one region; values share one
 * only when each but the first takes over the memory of the one before it.
 */
import type { Block } from "./block.js";
import type { Work, WorkStep } from "./work.js";

/** All offsets and sizes in memory are multiples of this, or of a target's own multiple of it. */
export const alignment = 16;

export function align(bytes: number, to: number = alignment): number {
  return Math.ceil(bytes / to) * to;
}

export interface Region extends Block {
  /** The values that live here, one after another; none for scratch. */
  readonly values: readonly number[];
  /** The step whose scratch this is; null for values. */
  readonly scratchOf: number | null;
}

/**
 * @param takeOver whether outputs may take over the memory of inputs that die
 * @param granularity what sizes are rounded up to
 */
export function regionsOf(
  work: Work,
  order: readonly number[],
  takeOver: boolean,
  granularity: number,
): Region[] {
  const { values, steps } = work;
  const { starts, ends } = lifetimes(work, order);
  const regions: { start: number; end: number; size: number; values: number[]; scratchOf: number | null }[] =
    [];
  /** By value. */
  const regionOf: number[] = [];
  const open = (value: number): void => {
    const size = align(values[value]!.slot.bytes, granularity);
    regionOf[value] = regions.length;
    regions.push({ start: starts[value]!, end: ends[value]!, size, values: [value], scratchOf: null });
  };
  values.forEach(({ given, home }, value) => {
    if (given && home === null) open(value);
  });
  order.forEach((index, position) => {
    const step = steps[index]!;
    const time = position + 1;
    const taken: number[] = [];
    step.outputs.forEach((output, which) => {
      if (values[output]!.home !== null) return;
      const heir = takeOver ? inheritance(work, step, which, output, ends, time, taken) : null;
      if (heir === null) return open(output);
      taken.push(heir);
      const region = regionOf[heir]!;
      regionOf[output] = region;
      regions[region]!.values.push(output);
      regions[region]!.end = ends[output]!;
    });
    if (step.scratchBytes > 0) {
      const size = align(step.scratchBytes, granularity);
      regions.push({ start: time, end: time + 1, size, values: [], scratchOf: index });
    }
  });
  return regions;
}

/** The input whose memory an output takes over: it dies here and is read only where it is written. */
function inheritance(
  { values }: Work,
  step: WorkStep,
  which: number,
  output: number,
  ends: readonly number[],
  time: number,
  taken: readonly number[],
): number | null {
  const allowed = step.overwrites[which]!;
  for (const position of allowed) {
    const input = step.inputs[position]!;
    const dies = values[input]!.home === null && ends[input] === time + 1;
    const fits = values[input]!.slot.bytes === values[output]!.slot.bytes;
    const elsewhere = step.inputs.some((other, at) => other === input && !allowed.includes(at));
    if (dies && fits && !elsewhere && !taken.includes(input)) return input;
  }
  return null;
}

/** The first and one past the last time at which each value is needed. */
function lifetimes(
  { values, steps }: Work,
  order: readonly number[],
): { readonly starts: readonly number[]; readonly ends: readonly number[] } {
  const starts = values.map(() => 0);
  const ends = values.map(() => 1);
  order.forEach((index, position) => {
    const time = position + 1;
    for (const output of steps[index]!.outputs) {
      starts[output] = time;
      ends[output] = time + 1;
    }
    for (const input of steps[index]!.inputs) ends[input] = time + 1;
  });
  values.forEach(({ wanted }, value) => {
    if (wanted) ends[value] = order.length + 2;
  });
  return { starts, ends };
}
