/** Threads change no bit: LeNet's training on one and on two threads. */
import { describe, expect, it } from "vitest";
import { runPasses } from "../../compiler/passes/index.js";
import { environmentFor } from "../support/graphs.js";
import { lenetGraph } from "../support/lenet.js";
import { programOf, runOnce } from "../support/programs.js";
import { createSession } from "../../runtime/session.js";
import { smallBatch, smallProgram } from "../support/small-net.js";
import { threadsFor } from "../../runtime/cpu/team.js";

describe("threads", () => {
  const graph = runPasses(lenetGraph({ batch: 16, ending: "adam" }));
  const environment = environmentFor(graph);

  it("compute the same bits as one", async () => {
    const shared = programOf(graph, { threads: 2, kind: "step" });
    expect(threadsFor(shared.entryPoints[0]!, 2)).toBe(2);
    const [alone, one, two] = [
      await runOnce(programOf(graph, { kind: "step" }), environment),
      await runOnce(shared, environment, 1),
      await runOnce(shared, environment, 2),
    ];
    expect(one).toEqual(alone);
    expect(two).toEqual(alone);
  });

  it("stay alone for work that is too small to share", async () => {
    const program = smallProgram({ threads: 2 });
    for (const entryPoint of program.entryPoints) expect(threadsFor(entryPoint, 2)).toBe(1);
    const session = await createSession(program, { threads: 2 });
    expect((await session.step("train", smallBatch(2))).loss).toBeGreaterThan(0);
    session.dispose();
  });
});
