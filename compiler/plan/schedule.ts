/**
 * The order of steps: of several sensible ones, the one that needs the least memory,
 * improved by moving single steps.
 *
 * Invariant: every order returned has each step after all that it must come after.
 */
import { align, alignment, regionsOf } from "./regions.js";
import type { Work } from "./work.js";

/** Orders tried by moving single steps, at most; fewer for large plans. */
const mostTrials = 200;
const mostTrialWork = 30_000;

/** An order that keeps the given one where memory gains nothing. */
export function scheduleSteps(work: Work): readonly number[] {
  const { steps } = work;
  const successors = successorsOf(work);
  const candidates = [
    listSchedule(work, successors, earliest),
    listSchedule(work, successors, leastGrowth(work)),
    depthFirst(work),
  ];
  const peaks = candidates.map((order) => costOf(work, order).peak);
  const best = peaks.indexOf(Math.min(...peaks));
  const trials = Math.min(mostTrials, Math.floor(mostTrialWork / (steps.length + 1)));
  return improve(work, successors, candidates[best]!, trials);
}

function successorsOf({ steps }: Work): number[][] {
  const successors = steps.map((): number[] => []);
  steps.forEach(({ after }, step) => {
    for (const earlier of after) successors[earlier]!.push(step);
  });
  return successors;
}

/** The position of the step to take next. */
type Choose = (ready: readonly number[]) => number;

/** Takes one ready step after another. */
function listSchedule({ steps }: Work, successors: readonly (readonly number[])[], choose: Choose): number[] {
  const waiting = steps.map(({ after }) => after.length);
  const ready = steps.flatMap((_, step) => (waiting[step] === 0 ? [step] : []));
  const order: number[] = [];
  while (ready.length > 0) {
    const position = choose(ready);
    const step = ready[position]!;
    ready[position] = ready.at(-1)!;
    ready.pop();
    order.push(step);
    for (const next of successors[step]!) {
      waiting[next] = waiting[next]! - 1;
      if (waiting[next] === 0) ready.push(next);
    }
  }
  return order;
}

function earliest(ready: readonly number[]): number {
  let best = 0;
  for (let position = 1; position < ready.length; position++) {
    if (ready[position]! < ready[best]!) best = position;
  }
  return best;
}

/**
 * Chooses the step that adds the fewest bytes, counting what dies with it; the earliest of equals.
 * What each adds is kept up to date, because hundreds are ready at every choice.
 */
function leastGrowth({ values, steps }: Work): Choose {
  const inputsOf = steps.map(({ inputs }) => [...new Set(inputs)]);
  /** Of each value, how many steps have yet to read it, and the sum of their numbers: of the last, its own. */
  const readers = values.map(() => 0);
  const sums = values.map(() => 0);
  const read = (step: number, times: 1 | -1): void => {
    for (const input of inputsOf[step]!) {
      readers[input] = readers[input]! + times;
      sums[input] = sums[input]! + times * step;
    }
  };
  steps.forEach((_, step) => {
    read(step, 1);
  });
  const sizes = values.map(({ home, wanted, slot }) => (home === null && !wanted ? align(slot.bytes) : 0));
  const growths = steps.map(({ outputs }, step) => {
    const born = outputs.reduce((sum, output) => sum + sizes[output]!, 0);
    return inputsOf[step]!.reduce((sum, input) => sum - (readers[input] === 1 ? sizes[input]! : 0), born);
  });
  return (ready) => {
    let best = 0;
    for (let position = 1; position < ready.length; position++) {
      const step = ready[position]!;
      const other = ready[best]!;
      const difference = growths[step]! - growths[other]!;
      if (difference < 0 || (difference === 0 && step < other)) best = position;
    }
    const chosen = ready[best]!;
    read(chosen, -1);
    for (const input of inputsOf[chosen]!) {
      // It dies with the only step that is left.
      if (readers[input] === 1) growths[sums[input]!] = growths[sums[input]!]! - sizes[input]!;
    }
    return best;
  };
}

/** Each step right before the first that needs it. */
function depthFirst({ steps }: Work): number[] {
  const order: number[] = [];
  const done = new Set<number>();
  const isNeeded = new Set(steps.flatMap(({ after }) => after));
  const sinks = steps.flatMap((_, step) => (isNeeded.has(step) ? [] : [step]));
  for (const sink of sinks) {
    const stack = [sink];
    while (stack.length > 0) {
      const step = stack.at(-1)!;
      const open = steps[step]!.after.filter((earlier) => !done.has(earlier));
      if (open.length > 0) {
        stack.push(...open.reverse());
      } else {
        stack.pop();
        if (!done.has(step)) order.push(step);
        done.add(step);
      }
    }
  }
  return order;
}

/** Moves single steps to other places while that lowers the peak, or how long bytes are held. */
function improve(
  work: Work,
  successors: readonly (readonly number[])[],
  start: readonly number[],
  trials: number,
): readonly number[] {
  const floor = largestStep(work);
  let order = start;
  let position = positionsOf(order);
  let cost = costOf(work, order);
  let left = trials;
  for (let improved = true; improved && left > 0;) {
    improved = false;
    for (let step = 0; step < order.length && left > 0 && cost.peak > floor; step++) {
      for (const place of placesOf(work, successors, position, step)) {
        if (left-- <= 0) break;
        const moved = move(order, position[step]!, place);
        const next = costOf(work, moved);
        if (next.peak < cost.peak || (next.peak === cost.peak && next.area < cost.area)) {
          [order, cost, improved] = [moved, next, true];
          position = positionsOf(order);
          break;
        }
      }
    }
  }
  return order;
}

/** What the step that needs the most memory needs by itself: no order can do with less. */
function largestStep({ values, steps }: Work): number {
  const sizeOf = (value: number) => (values[value]!.home === null ? align(values[value]!.slot.bytes) : 0);
  const needs = steps.map(({ inputs, outputs, overwrites, scratchBytes }) => {
    const fresh = outputs.filter((_, which) => overwrites[which]!.length === 0);
    return [...new Set(inputs), ...fresh].reduce((sum, value) => sum + sizeOf(value), align(scratchBytes));
  });
  return needs.reduce((most, bytes) => Math.max(most, bytes), 0);
}

function positionsOf(order: readonly number[]): number[] {
  const position = new Array<number>(order.length);
  order.forEach((step, at) => (position[step] = at));
  return position;
}

/** The largest sum of live bytes, and bytes times time. */
function costOf(work: Work, order: readonly number[]): { readonly peak: number; readonly area: number } {
  const changes = new Float64Array(order.length + 3);
  let area = 0;
  for (const { start, end, size } of regionsOf(work, order, true, alignment)) {
    changes[start] = changes[start]! + size;
    changes[end] = changes[end]! - size;
    area += (end - start) * size;
  }
  let live = 0;
  let peak = 0;
  for (const change of changes) {
    live += change;
    peak = Math.max(peak, live);
  }
  return { peak, area };
}

/** Positions a step can move to: next to what it needs, next to what needs it, and some between. */
function placesOf(
  { steps }: Work,
  successors: readonly (readonly number[])[],
  position: readonly number[],
  step: number,
): number[] {
  const here = position[step]!;
  let low = 0;
  for (const other of steps[step]!.after) low = Math.max(low, position[other]! + 1);
  let high = position.length - 1;
  for (const other of successors[step]!) high = Math.min(high, position[other]! - 1);
  const middle = Math.round((low + high) / 2);
  return [...new Set([low, high, middle, here - 1, here + 1])].filter(
    (place) => place >= low && place <= high && place !== here,
  );
}

function move(order: readonly number[], from: number, to: number): number[] {
  const moved = [...order];
  const [step] = moved.splice(from, 1);
  moved.splice(to, 0, step!);
  return moved;
}
