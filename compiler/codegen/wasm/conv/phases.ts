/**
 * Phases of a strided convolution's input, in one direction. Position y of the input
 * meets tap i at output o when stride * o + dilation * i - pad = y. For y = offset +
 * stride * j the taps that can meet it are every `tapStep`-th one, and o moves by 1 with j:
 * a correlation with stride 1.
 *
 * Invariant: the phases' taps together are all taps, each once.
 */
export interface Phase {
  /** The first position of the phase: 0 up to the stride. */
  readonly offset: number;
  /** The taps that meet it: their number, the first, and the step between them. */
  readonly taps: number;
  readonly firstTap: number;
  readonly tapStep: number;
  /** As a correlation with the taps in reverse: its dilation and the padding before. */
  readonly dilation: number;
  readonly before: number;
}

export function phasesOf(stride: number, dilation: number, size: number, pad: number): Phase[] {
  const common = greatestCommonDivisor(stride, dilation);
  const tapStep = stride / common;
  return Array.from({ length: stride }, (_, offset): Phase => {
    const meets = (tap: number): boolean => (offset + pad - tap * dilation) % stride === 0;
    const all = Array.from({ length: size }, (__, tap) => tap).filter(meets);
    const firstTap = all[0] ?? 0;
    const taps = all.length;
    const step = dilation / common;
    // The last tap, the first of the correlation, meets output j - before.
    const before = Math.max(taps - 1, 0) * step - (offset + pad - firstTap * dilation) / stride;
    return { offset, taps, firstTap, tapStep, dilation: step, before };
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
