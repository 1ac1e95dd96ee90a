/**
 * Names every stream of random numbers: initial weights by the parameter's path,
 * random layers by their place in the section, so that the same file and seed draw
 * the same numbers on every backend.
 */

/** The 32-bit stream number of a name (FNV-1a; Fowler, Noll and Vo, 1991). */
export function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}
