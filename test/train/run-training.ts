/** Runs the loop on the fake session, to the end or until a test walks away. */
import type { TrainEvent, TrainResult } from "../../runtime/train/events.js";
import type { TrainOptions } from "../../runtime/train/train-options.js";
import { train } from "../../runtime/train/train.js";
import { createFakeSession, fakeData } from "./fake-session.js";

export const settings = { epochs: 3, batch: 16, seed: 5 };

/** Runs to the end, or until `stop` says so after an event, and then walks away. */
export async function run(
  options: Partial<TrainOptions>,
  stop: (event: TrainEvent) => boolean = () => false,
): Promise<{ events: TrainEvent[]; result: TrainResult | null }> {
  const events: TrainEvent[] = [];
  const running = train({ session: createFakeSession(), data: fakeData(), ...settings, ...options });
  for (;;) {
    const next = await running.next();
    if (next.done === true) return { events, result: next.value };
    events.push(next.value);
    if (stop(next.value)) return { events, result: null };
  }
}

/** Everything a run came to, weights included. */
export async function outcome(options: Partial<TrainOptions>) {
  const session = options.session ?? createFakeSession();
  const { result } = await run({ ...options, session });
  return { result, state: await session.state() };
}
