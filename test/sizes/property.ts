/** Property tests as ordinary tests: a fixed seed, so that a failure is found again. */
import fc from "fast-check";
import { it } from "vitest";

export { fc };

/** Declares a test that a property holds for 500 drawn values. */
export function test<T extends readonly unknown[]>(
  arbitraries: { readonly [K in keyof T]: fc.Arbitrary<T[K]> },
  name: string,
  holds: (...values: T) => void,
): void {
  it(name, () => {
    const tuple = fc.tuple(...(arbitraries as unknown as fc.Arbitrary<unknown>[]));
    fc.assert(
      fc.property(tuple, (values) => {
        holds(...(values as unknown as T));
      }),
      { seed: 1998, numRuns: 500 },
    );
  });
}
