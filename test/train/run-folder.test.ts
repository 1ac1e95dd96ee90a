import { build } from "esbuild";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafetensors } from "../../runtime/files/safetensors.js";
import { runFiles, trainInFolder } from "../../runtime/train/node-run-folder.js";
import type { TrainEvent } from "../../runtime/train/events.js";
import { rejectionOf } from "../support/user-error.js";
import { createFakeSession, fakeData } from "./fake-session.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tulle-run-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The bytes of a run's results. */
function results(run: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(runFiles(run)).map(([name, path]) => [name, readFileSync(path, "base64")]),
  );
}

describe("a run's folder", () => {
  it("holds weights, losses, curves and metrics, and nothing half-written", async () => {
    const path = join(folder, "whole");
    const session = createFakeSession();
    const run = await trainInFolder(path, { session, data: fakeData(), epochs: 2, batch: 50, seed: 1 });
    expect(readdirSync(path).sort()).toEqual([
      "checkpoint-0.safetensors",
      "losses.csv",
      "losses.svg",
      "metrics.json",
      "weights.safetensors",
    ]);
    const weights = readSafetensors(readFileSync(run.files.weights), "weights").tensors;
    expect(weights.get("weight")!.shape).toEqual([3, 6]);
    expect(JSON.parse(readFileSync(run.files.metrics, "utf8"))).toEqual(run.report);
    expect(readFileSync(run.files.losses, "utf8").trimEnd().split("\n")).toHaveLength(11);
  });

  it("waits for its observers, in turn", async () => {
    const session = createFakeSession();
    const seen: string[] = [];
    let epochs = 0;
    const slow = async ({ kind }: TrainEvent): Promise<void> => {
      if (kind !== "epoch") return;
      await new Promise((resolve) => setTimeout(resolve, 1));
      seen.push(`${++epochs} slow`);
    };
    const fast = ({ kind }: TrainEvent): void => {
      if (kind === "step") seen.push("step");
      if (kind === "epoch") seen.push(`${epochs} fast`);
    };
    const options = { session, data: fakeData(), epochs: 2, batch: 203, seed: 1 };
    await trainInFolder(join(folder, "observed"), options, slow, fast);
    expect(seen).toEqual(["step", "1 slow", "1 fast", "step", "2 slow", "2 fast"]);
  });

  it("has the results, and says what it lacks, when the last checkpoint cannot be written", async () => {
    const path = join(folder, "blocked");
    const options = { session: createFakeSession(), data: fakeData(), epochs: 2, batch: 50, seed: 1 };
    // A folder stands where the checkpoint and the best weights should go.
    const block = ({ kind }: TrainEvent): void => {
      if (kind !== "start") return;
      for (const name of ["checkpoint-0", "best"]) mkdirSync(join(path, `${name}.safetensors`));
    };
    const failed = trainInFolder(path, { ...options, monitor: "loss" }, block);
    expect(await rejectionOf(failed)).toBe(
      `${join(path, "best.safetensors")} cannot be written: it is a folder, and a file is needed`,
    );
    const { tensors } = readSafetensors(readFileSync(runFiles(path).weights), "weights");
    const whole = await trainInFolder(join(folder, "free"), { ...options, monitor: "loss" });
    expect(tensors).toEqual(readSafetensors(readFileSync(whole.files.weights), "weights").tensors);
  });

  it("has the same files, byte for byte, after SIGKILLs at any moment", async () => {
    const script = join(folder, "killed-run.mjs");
    await build({
      entryPoints: [join(import.meta.dirname, "killed-run.ts")],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: script,
      logLevel: "silent",
    });
    const [whole, killed] = [join(folder, "whole-child"), join(folder, "killed-child")];
    expect(spawnSync(process.execPath, [script, whole]).status).toBe(0);

    let kills = 0;
    for (const moment of [3, 40, 77, 11]) {
      if (await killAfter(script, killed, moment)) kills++;
      expect(existsSync(runFiles(killed).weights)).toBe(false);
    }
    expect(kills).toBe(4);
    expect(spawnSync(process.execPath, [script, killed]).status).toBe(0);
    expect(results(killed)).toEqual(results(whole));
    expect(readdirSync(killed).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

/** Starts the run and kills it after some steps, wherever it then is; whether it died of that. */
function killAfter(script: string, path: string, steps: number): Promise<boolean> {
  const child = spawn(process.execPath, [script, path, "slowly"], { stdio: ["ignore", "pipe", "inherit"] });
  let lines = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    lines += chunk.toString().split("\n").length - 1;
    if (lines >= steps) child.kill("SIGKILL");
  });
  return new Promise((resolve) => {
    child.on("exit", (_, signal) => {
      resolve(signal === "SIGKILL");
    });
  });
}
