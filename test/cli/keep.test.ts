/** `tulle train`: what is kept of a run, when it is enough, and that no earlier run is lost. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inFolder, runResults, smallData, smallNet, succeed, tulle } from "./support.js";

inFolder({
  "small.net": smallNet,
  "falling.net": smallNet.replace("adam(lr=1e-2)", "adam(lr=cosine(1e-2))"),
  // A rate that is much too high, so that the loss soon gets no better.
  "restless.net": smallNet.replace("adam(lr=1e-2)", "sgd(lr=8)"),
  "points.npz": smallData(70),
});

function train(file: string, out: string, ...words: readonly string[]): readonly string[] {
  return ["train", file, "--data", "points.npz", "--out", out, ...words];
}

interface Metrics {
  readonly monitor: {
    readonly name: string;
    readonly stopped_early: boolean;
    readonly best: { readonly epoch: number; readonly value: number };
  } | null;
  readonly weights: string;
  readonly epochs: readonly { readonly metrics: { readonly loss: number; readonly accuracy: number } }[];
}

function metricsOf(folder: string): Metrics {
  return JSON.parse(readFileSync(join(folder, "metrics.json"), "utf8")) as Metrics;
}

describe("--patience", () => {
  it("ends the run, whose weights are the best ones, and says so", async () => {
    const { code, error } = await tulle(
      ...train("restless.net", "patient", "--epochs", "40", "--patience", "3"),
    );
    expect(code).toBe(0);
    const { monitor, weights, epochs } = metricsOf("patient");
    expect([monitor!.name, monitor!.stopped_early, weights]).toEqual(["accuracy", true, "best"]);
    expect(epochs.length).toBe(monitor!.best.epoch + 3);
    expect(error).toContain(
      `no better accuracy for 3 epochs: ended after epoch ${String(epochs.length)}; ` +
        `the best was epoch ${String(monitor!.best.epoch)}, accuracy `,
    );
    expect(error).toContain("The best epoch is chosen on the training data");
    const shorter = String(monitor!.best.epoch);
    await succeed(...train("restless.net", "shorter", "--epochs", shorter));
    expect(readFileSync("shorter/weights.safetensors")).toEqual(readFileSync("patient/weights.safetensors"));
    expect(readFileSync("patient/best.safetensors")).toEqual(readFileSync("patient/weights.safetensors"));
  });

  it("measures on examples that are held out, if there are any", async () => {
    const { error } = await tulle(
      ...train("small.net", "held", "--epochs", "2", "--monitor", "loss", "--validation", "0.2"),
    );
    expect(error).toContain("56 examples to learn from, 14 to validate on");
    expect(error).toContain("validation loss");
    expect(error).not.toContain("is chosen on");
  });

  it("may keep the last weights all the same, and the best ones without an end", async () => {
    await succeed(...train("restless.net", "last", "--epochs", "6", "--patience", "3", "--keep", "last"));
    expect(metricsOf("last").weights).toBe("last");
    await succeed(...train("restless.net", "best", "--epochs", "12", "--keep", "best"));
    expect(metricsOf("best").monitor!.stopped_early).toBe(false);
    expect(metricsOf("best").epochs).toHaveLength(12);
  });

  it("knows a metric's direction by its word, whatever its name", async () => {
    writeFileSync("named.net", smallNet.replace("metric accuracy = accuracy", "metric wrong = error"));
    await succeed(...train("named.net", "named", "--epochs", "2", "--monitor", "wrong"));
    expect(metricsOf("named").monitor).toMatchObject({ name: "wrong", direction: "down" });
  });

  it.each([
    [["--monitor", "acuracy"], 1, "there is no measured value acuracy to monitor; there are loss, accuracy"],
    [["--keep", "worst"], 2, "--keep takes last or best, and `worst` is neither"],
    [["--patience", "0"], 2, "--patience takes a whole number of at least 1"],
    [["--snapshots", "99", "--epochs", "1"], 1, "99 snapshots are asked for, and the run has 3 steps"],
  ])("refuses %j", async (words, code, message) => {
    const refused = await tulle(...train("small.net", "refused", ...words));
    expect(refused).toMatchObject({ code, out: "" });
    expect(refused.error).toContain(message);
  });
});

describe("an earlier run in the folder", () => {
  it("is not replaced by another, unless that is said", async () => {
    await succeed(...train("small.net", "mine", "--epochs", "2"));
    const before = runResults("mine");
    const { code, error } = await tulle(...train("small.net", "mine", "--epochs", "2", "--seed", "1"));
    expect(code).toBe(1);
    expect(error).toContain(
      "mine holds a finished run of 2 epochs, which a new run would replace\n\n" +
        "  --resume goes on with it, --overwrite begins anew, --out DIR leaves it alone.",
    );
    expect(runResults("mine")).toEqual(before);
    await succeed(...train("small.net", "mine", "--epochs", "2", "--seed", "1", "--overwrite"));
    expect(runResults("mine")).not.toEqual(before);
  });

  it("is made again without a word where it comes out the same", async () => {
    await succeed(...train("small.net", "again", "--epochs", "2", "--patience", "4"));
    const before = runResults("again");
    await succeed(...train("small.net", "again", "--epochs", "2", "--patience", "4"));
    expect(runResults("again")).toEqual(before);
  });

  it("whose checkpoints are gone keeps its weights, with --resume too", async () => {
    await succeed(...train("small.net", "bare", "--epochs", "1"));
    rmSync("bare/checkpoint-0.safetensors");
    for (const words of [[], ["--resume"]]) {
      const { code, error } = await tulle(...train("small.net", "bare", "--epochs", "1", ...words));
      expect(code).toBe(1);
      expect(error).toContain("bare holds the weights.safetensors of an earlier run");
    }
  });

  it("whose checkpoint is damaged is not replaced either", async () => {
    mkdirSync("damaged");
    writeFileSync("damaged/checkpoint-1.safetensors", "what was this?");
    const { code, error } = await tulle(...train("small.net", "damaged", "--epochs", "1"));
    expect(code).toBe(1);
    expect(error).toContain("damaged holds a damaged checkpoint, which a new run would replace");
    expect(readdirSync("damaged")).toEqual(["checkpoint-1.safetensors"]);
  });

  it("goes on for more epochs, with the bytes of one that was begun so", async () => {
    await succeed(...train("small.net", "longer", "--epochs", "2"));
    await succeed(...train("small.net", "longer", "--epochs", "4", "--resume"));
    await succeed(...train("small.net", "long", "--epochs", "4"));
    const weights = (folder: string) => readFileSync(join(folder, "weights.safetensors"));
    expect(weights("longer")).toEqual(weights("long"));
    await succeed(...train("falling.net", "falling", "--epochs", "2"));
    const { code, error } = await tulle(...train("falling.net", "falling", "--epochs", "4", "--resume"));
    expect(code).toBe(1);
    expect(error).toContain("epochs 2 instead of 4");
  });

  it("that was begun with other weights is another run", async () => {
    await succeed(...train("small.net", "source", "--epochs", "1"));
    copyFileSync("source/weights.safetensors", "start.safetensors");
    const begun = train("small.net", "begun", "--epochs", "1", "--weights", "start.safetensors");
    await succeed(...begun);
    await succeed(...begun, "--resume");
    const { code, error } = await tulle(...train("small.net", "begun", "--epochs", "1", "--resume"));
    expect(code).toBe(1);
    expect(error).toContain("it began with other weights");
  });
});
