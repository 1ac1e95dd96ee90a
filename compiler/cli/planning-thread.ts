/**
 * A thread that plans nets for the language server, so that planning a large one never delays
 * a keystroke. It runs the same program as the process, which finds itself in a thread.
 *
 * Invariant: where no thread can start, the server plans by itself. A thread that dies fails the
 * requests it had, and the next one starts another.
 */
import { realpathSync } from "node:fs";
import process from "node:process";
import { type MessagePort, Worker } from "node:worker_threads";
import type { PlanRequest, Planner } from "../lsp/planner.js";

interface Question {
  readonly id: number;
  readonly request: PlanRequest;
}

type Message =
  | { readonly kind: "ready" }
  | { readonly kind: "answer"; readonly id: number; readonly title: string | null }
  | { readonly kind: "failure"; readonly id: number; readonly reason: string };

interface Waiting {
  readonly request: PlanRequest;
  readonly answer: (title: string | null) => void;
  readonly fail: (error: Error) => void;
}

/**
 * Answers from a thread, which the first request starts; `plan` answers where there is none.
 * @param program what the thread runs; by default, what this process runs
 */
export function planInThread(
  plan: Planner,
  program = process.argv[1] ?? "",
): (request: PlanRequest) => Promise<string | null> {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let isReady = false;
  let canStart = true;
  let lastId = 0;

  const receive = (message: Message): void => {
    if (message.kind === "ready") {
      isReady = true;
      return;
    }
    const one = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.kind === "answer") one?.answer(message.title);
    else one?.fail(new Error(message.reason));
  };
  const lose = (): void => {
    worker = null;
    canStart = isReady;
    isReady = false;
    for (const { request, answer, fail } of waiting.values()) {
      if (canStart) fail(new Error("the thread that planned this net has ended"));
      else answer(plan(request));
    }
    waiting.clear();
  };
  const start = (path: string): Worker => {
    const started = new Worker(path, { argv: ["lsp"] });
    started.on("message", receive);
    // What follows is the exit.
    started.on("error", () => undefined);
    started.on("exit", lose);
    // The process ends when its client goes.
    started.unref();
    return started;
  };

  return async (request) => {
    const path = pathOf(program);
    if (!canStart || path === null) return plan(request);
    worker ??= start(path);
    lastId += 1;
    const question: Question = { id: lastId, request };
    worker.postMessage(question);
    return new Promise((answer, fail) => waiting.set(question.id, { request, answer, fail }));
  };
}

/** Where a program is, through links as npm makes them; null when it is no file. */
function pathOf(program: string): string | null {
  try {
    return realpathSync(program);
  } catch {
    return null;
  }
}

/** The other side: answers requests until the process ends. */
export function answerInThread(port: MessagePort, plan: Planner): void {
  const send = (message: Message): void => {
    port.postMessage(message);
  };
  port.on("message", ({ id, request }: Question) => {
    try {
      send({ kind: "answer", id, title: plan(request) });
    } catch (error) {
      send({ kind: "failure", id, reason: error instanceof Error ? error.message : String(error) });
    }
  });
  send({ kind: "ready" });
}
