/**
 * One contestant in a page, or a process, of its own. The benchmark calls the global functions
 * `prepare` and `time`; how much is dispatched and submitted meanwhile is counted.
 */
import { cases } from "./cases.mjs";

export function start(contestant) {
  const counts = countCommands();
  let run = null;

  /** -> what one call dispatches and submits, or { problem } or { reason }. */
  globalThis.prepare = async (id) => {
    try {
      const { needs, otherwise, build } = cases.find((each) => each.id === id);
      if (contestant[needs] === undefined) return { reason: otherwise };
      await contestant.prepare();
      const built = await build(contestant);
      if (built.problem !== undefined) return { problem: built.problem };
      run = built.run;
      await run();
      const before = { ...counts };
      await run();
      return {
        dispatches: counts.dispatches - before.dispatches,
        submissions: counts.submissions - before.submissions,
      };
    } catch (error) {
      return { reason: String(error?.message ?? error).split("\n")[0] };
    }
  };

  /** -> the mean milliseconds of a call, over calls that take about so long together. */
  globalThis.time = async (milliseconds) => {
    const startedAt = performance.now();
    let calls = 0;
    do {
      await run();
      calls++;
    } while (performance.now() - startedAt < milliseconds);
    return (performance.now() - startedAt) / calls;
  };
  globalThis.ready = true;
}

function countCommands() {
  const counts = { dispatches: 0, submissions: 0 };
  const count = (prototype, method, name) => {
    const original = prototype[method];
    prototype[method] = function (...words) {
      counts[name]++;
      return original.apply(this, words);
    };
  };
  count(GPUComputePassEncoder.prototype, "dispatchWorkgroups", "dispatches");
  count(GPUComputePassEncoder.prototype, "dispatchWorkgroupsIndirect", "dispatches");
  count(GPUQueue.prototype, "submit", "submissions");
  return counts;
}
