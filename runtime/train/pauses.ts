/**
 * Lets others run: a loop that only awaits finished work never gives signals, timers
 * and a page's events their turn.
 */

/** Without a turn for others for so many milliseconds, they get one. */
const longestWithout = 50;

/** A function to be called often; now and then it waits one turn of the event loop. */
export function createPauses(clock: () => number): () => Promise<void> {
  let last = clock();
  return async () => {
    if (clock() - last < longestWithout) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = clock();
  };
}
