/**
 * One contestant in one case, in a process of its own, so that nobody's garbage,
 * threads or failures disturb another. It works only while it is asked to.
 *
 *   node child.mjs CONTESTANT-URL CASE
 */
import { cases } from "./cases.mjs";

const [contestantUrl, caseId] = process.argv.slice(2);
const contestant = await import(contestantUrl);
/** The function to time, once its answers are judged. */
let run = null;

const commands = {
  /** -> {} when it may be timed, { problem } when it computes wrongly, { reason } when it cannot at all. */
  prepare: async () => {
    const { needs, otherwise, build } = cases.find((each) => each.id === caseId);
    if (contestant[needs] === undefined) return { reason: otherwise };
    await contestant.prepare();
    const built = await build(contestant);
    if (built.problem !== undefined) return { problem: built.problem };
    run = built.run;
    await mean(run, 200);
    return {};
  },

  /** -> the mean milliseconds of a call, over calls that take about so long together. */
  time: async ({ milliseconds }) => ({ mean: await mean(run, milliseconds) }),
};

async function mean(run, milliseconds) {
  const start = performance.now();
  let calls = 0;
  let elapsed = 0;
  do {
    await run();
    calls++;
    elapsed = performance.now() - start;
  } while (elapsed < milliseconds);
  return elapsed / calls;
}

process.on("message", async ({ command, ...request }) => {
  try {
    process.send(await commands[command](request));
  } catch (error) {
    process.send({ reason: String(error?.message ?? error).split("\n")[0] });
  }
});
