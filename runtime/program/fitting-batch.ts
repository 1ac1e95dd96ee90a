/** The batch with which a program's tensors would be small enough. */
import type { EntryPoint, MemoryRange } from "./program.js";

interface Calls {
  readonly batch: EntryPoint["batch"];
  readonly calls: readonly { readonly operands: readonly MemoryRange[] }[];
}

/**
 * The largest batch at which no tensor has more than `mostBytes`; null where none would do,
 * or where what is too large does not come from the batch.
 * @param persistentBytes where the memory of weights ends, which no batch makes smaller
 */
export function fittingBatch(
  entryPoints: readonly Calls[],
  mostBytes: number,
  persistentBytes: number,
): number | null {
  let batch = Infinity;
  for (const { batch: own, calls } of entryPoints) {
    for (const { offset, bytes } of calls.flatMap(({ operands }) => operands)) {
      if (bytes <= mostBytes) continue;
      if (own === null || offset < persistentBytes) return null;
      batch = Math.min(batch, Math.floor((own * mostBytes) / bytes));
    }
  }
  return batch === 0 || batch === Infinity ? null : batch;
}

/** What to do where a GPU cannot hold a program's tensors, in a sentence. */
export function smallerBatchAdvice(batch: number | null): string {
  return batch === null
    ? "Use a smaller batch or a smaller net, or the CPU: --backend cpu."
    : `A batch of ${String(batch)} fits. Larger ones compute on the CPU: --backend cpu.`;
}
