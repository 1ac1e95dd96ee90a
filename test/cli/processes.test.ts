/** The program as a process: kills, interrupts, closed pipes, exit codes. */
import { build } from "esbuild";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { example, inFolder, runResults, smallData, smallNet } from "./support.js";

inFolder({
  "small.net": smallNet,
  "wrong.net": "net A: x[N, 4] -> [N, 2] { x -> dense(3) }\n",
  "lenet.net": example("lenet.net"),
  "points.npz": smallData(6400),
});

const folder = mkdtempSync(join(tmpdir(), "tulle-program-"));
const program = join(folder, "tulle.mjs");

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, "../../compiler/cli/main.ts")],
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["wabt"],
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    logLevel: "silent",
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function start(...argv: readonly string[]): ChildProcess {
  return spawn(process.execPath, [program, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
}

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly error: string;
}

/** Collects what is said until the end. */
async function end(child: ChildProcess): Promise<End> {
  let out = "";
  let error = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (error += chunk.toString()));
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      resolve({ code, signal, out, error });
    });
  });
}

describe("exit codes", () => {
  it.each([
    [0, ["check", "small.net"]],
    [1, ["check", "wrong.net"]],
    [1, ["check", "nowhere.net"]],
    [2, ["chek"]],
    [2, []],
  ])("%d for tulle %j", async (code, argv) => {
    expect((await end(start(...argv))).code).toBe(code);
  });
});

describe("a pipe that is closed", () => {
  it("ends printing, without a complaint", async () => {
    const child = start("plan", "lenet.net", "--train", "mnist", "--json");
    child.stdout!.once("data", () => child.stdout!.destroy());
    expect(await end(child)).toMatchObject({ code: 0, signal: null, error: "" });
  });

  it("does not end training, whose progress nobody reads any more", async () => {
    const child = start("train", "small.net", "--data", "points.npz", "--epochs", "30", "--out", "unread");
    child.stderr!.once("data", () => child.stderr!.destroy());
    expect(await end(child)).toMatchObject({ code: 0, signal: null });
    expect(readdirSync("unread")).toContain("weights.safetensors");
  });
});

describe("a training run", () => {
  const line = ["train", "small.net", "--data", "points.npz", "--epochs", "250", "--json"];

  /** Waits until the run has said something, then for a random moment more. */
  async function stopAfter(child: ChildProcess, said: string, signal: NodeJS.Signals): Promise<End> {
    let error = "";
    child.stderr!.on("data", (chunk: Buffer) => {
      if (error.includes(said)) return;
      error += chunk.toString();
      if (error.includes(said)) setTimeout(() => child.kill(signal), 200 * Math.random());
    });
    return end(child);
  }

  it("that was interrupted and killed ends, resumed, with the very bytes of one that was not", async () => {
    const whole = end(start(...line, "--out", "whole"));
    const interrupted = await stopAfter(start(...line, "--out", "killed"), "epoch 9/", "SIGINT");
    expect(interrupted).toMatchObject({ code: 1, signal: null });
    expect(interrupted.error).toContain("stopped; go on with the same command and --resume\n");
    const resume = [...line, "--out", "killed", "--resume"];
    const killed = await stopAfter(start(...resume), "going on from step", "SIGKILL");
    expect(killed.signal).toBe("SIGKILL");
    const resumed = await end(start(...resume));
    expect(resumed.error).toMatch(/going on from step [\d,]+\n/);
    expect(resumed.code).toBe(0);
    expect(resumed.out).toBe((await whole).out);
    expect(runResults("killed")).toEqual(runResults("whole"));
  });

  it("that was killed before anything was saved begins again", async () => {
    const child = start(...line, "--out", "early");
    const ended = end(child);
    await wait(100 + 300 * Math.random());
    child.kill("SIGKILL");
    expect((await ended).signal).toBe("SIGKILL");
    const short = line.map((word) => (word === "250" ? "2" : word));
    const { code, error } = await end(start(...short, "--out", "early", "--resume"));
    expect(code).toBe(0);
    expect(error).toContain("There is no checkpoint yet");
    expect(Object.keys(runResults("early")).sort()).toEqual([
      "confusion.svg",
      "losses.csv",
      "losses.svg",
      "metrics.json",
      "report.html",
      "run.json",
      "weights.safetensors",
    ]);
  });

  it("whose folder cannot be written is refused before it begins", async () => {
    writeFileSync("taken", "");
    const { code, error, out } = await end(start(...line, "--out", "taken"));
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error).toBe("error: taken is a file, and a folder is needed there\n");
  });
});
