/** Nets are planned in a thread where one can be had, and in the server's own where none can. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { planInThread } from "../../compiler/cli/planning-thread.js";
import type { PlanRequest } from "../../compiler/lsp/planner.js";

const folder = mkdtempSync(join(tmpdir(), "tulle-planning-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const request: PlanRequest = { path: "a.net", net: "A", texts: [], folders: [] };
const here = (): string => "planned here";

function program(name: string, text: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, `import { parentPort } from "node:worker_threads";\n${text}`);
  return path;
}

it("is planned here where there is no program", async () => {
  expect(await planInThread(here, join(folder, "absent.mjs"))(request)).toBe("planned here");
});

it("is planned here where the thread ends before it is ready, and no other is started", async () => {
  const plan = planInThread(here, program("broken", "throw new Error();"));
  expect([await plan(request), await plan(request)]).toEqual(["planned here", "planned here"]);
});

it("is planned there, and by another thread after one has died", async () => {
  const text = `let count = 0;
    parentPort.on("message", ({ id, request }) => {
      if (request.path === "fatal.net") process.exit();
      parentPort.postMessage({ kind: "answer", id, title: request.path + " " + String(++count) });
    });
    parentPort.postMessage({ kind: "ready" });`;
  const plan = planInThread(here, program("good", text));
  expect([await plan(request), await plan(request)]).toEqual(["a.net 1", "a.net 2"]);
  await expect(plan({ ...request, path: "fatal.net" })).rejects.toThrow("has ended");
  expect(await plan(request)).toBe("a.net 1");
});
