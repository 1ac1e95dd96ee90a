/** Axes: from values to positions, with ticks at round numbers. */

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly isLogarithmic: boolean;
  readonly ticks: readonly number[];
  /** 0 at `low`, 1 at `high`. */
  readonly position: (value: number) => number;
}

/** A scale whose ticks are 1, 2 or 5 times a power of ten apart and whose ends are ticks. */
export function linearScale(low: number, high: number, count: number): Scale {
  const span = high > low ? high - low : Math.abs(high) || 1;
  const step = niceStep(span / count);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => roundTo((first + i) * step, step));
  const [bottom, top] = [ticks[0]!, ticks.at(-1)!];
  const position = (value: number): number => (value - bottom) / (top - bottom);
  return { low: bottom, high: top, isLogarithmic: false, ticks, position };
}

/** A scale from end to end of the values, with round numbers between as ticks. */
export function fittedScale(low: number, high: number, count: number): Scale {
  const ticks = linearScale(low, high, count).ticks.filter((tick) => tick >= low && tick <= high);
  const span = high - low || 1;
  return { low, high, isLogarithmic: false, ticks, position: (value) => (value - low) / span };
}

/** A logarithmic scale for positive values, with ticks at 1, 2 and 5 times powers of ten, or at the powers alone. */
export function logarithmicScale(low: number, high: number): Scale {
  const exponents = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))] as const;
  const decades = exponents[1] - exponents[0];
  const factors = decades <= 3 ? [1, 2, 5] : [1];
  const all: number[] = [];
  for (let exponent = exponents[0]; exponent <= exponents[1]; exponent++) {
    for (const factor of factors) all.push(Number(`${factor}e${exponent}`));
  }
  const bottom = all.filter((tick) => tick <= low * (1 + 1e-9)).at(-1) ?? all[0]!;
  const top = all.find((tick) => tick >= high * (1 - 1e-9)) ?? all.at(-1)!;
  const ticks = all.filter((tick) => tick >= bottom && tick <= top);
  const span = Math.log10(top) - Math.log10(bottom) || 1;
  const position = (value: number): number => (Math.log10(value) - Math.log10(bottom)) / span;
  return { low: bottom, high: top, isLogarithmic: true, ticks, position };
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= raw * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** 0.30000000000000004 is 0.3. */
function roundTo(value: number, step: number): number {
  const digits = Math.max(0, Math.ceil(-Math.log10(step)) + 1);
  return Number(value.toFixed(Math.min(20, digits)));
}
