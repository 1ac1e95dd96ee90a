/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel Random
 * Numbers: As Easy as 1, 2, 3", 2011): a counter-based generator in 32-bit integer
 * arithmetic, so every engine and every backend draws the same bits.
 *
 * Invariant: a pure function of key and counter; there is no state to save.
 */

const parity = 0x1bd11bda;
const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** The two 32-bit words, unsigned, of a key and a counter of two 32-bit words each. */
export function threefry(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
): readonly [number, number] {
  const keys = [key0 | 0, key1 | 0, parity ^ key0 ^ key1] as const;
  let left = (counter0 + keys[0]) | 0;
  let right = (counter1 + keys[1]) | 0;
  for (let group = 1; group <= 5; group++) {
    for (let round = 0; round < 4; round++) {
      const rotation = rotations[((group - 1) % 2) * 4 + round]!;
      left = (left + right) | 0;
      right = ((right << rotation) | (right >>> (32 - rotation))) ^ left;
    }
    left = (left + keys[group % 3]!) | 0;
    right = (right + keys[(group + 1) % 3]! + group) | 0;
  }
  return [left >>> 0, right >>> 0];
}

/** The uniform number in [0, 1) that a `random` expression stands for; see expression.ts. */
export function uniform(seed: number, stream: number, element: number, step: number): number {
  return (threefry(seed, stream, element, step)[0] >>> 8) / 0x1000000;
}
