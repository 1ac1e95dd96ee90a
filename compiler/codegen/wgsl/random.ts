/**
 * Uniform random numbers in WGSL: Threefry-2x32 with 20 rounds (Salmon et al., 2011).
 *
 * Invariant: the bits equal those of the scalar reference in runtime/program, as
 * everything is integer arithmetic but for an exact product at the end.
 */

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const rounds = 20;

/** The function `random(element, stream) -> f32`, given expressions for the seed and the step. */
export function randomFunction({ seed, step }: { readonly seed: string; readonly step: string }): string {
  const lines = [
    "fn random(element: u32, stream: u32) -> f32 {",
    `  let key0 = ${seed};`,
    "  let key1 = stream;",
    "  let key2 = 0x1bd11bdau ^ key0 ^ key1;",
    "  var a = element + key0;",
    `  var b = ${step} + key1;`,
  ];
  for (let round = 0; round < rounds; round++) {
    const rotation = rotations[round % rotations.length]!;
    lines.push(`  a += b; b = ((b << ${rotation}u) | (b >> ${32 - rotation}u)) ^ a;`);
    const injection = (round + 1) / 4;
    if (!Number.isInteger(injection)) continue;
    lines.push(`  a += key${injection % 3}; b += key${(injection + 1) % 3} + ${injection}u;`);
  }
  lines.push(`  return f32(a >> 8u) * ${String(2 ** -24)};`, "}");
  return lines.join("\n");
}
