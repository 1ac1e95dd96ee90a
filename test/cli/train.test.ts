/** `tulle train` and `evaluate`: what they write and say, and that runs repeat to the last bit. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readNpz, writeNpz } from "../../runtime/files/npz.js";
import { realData } from "../support/real-data.js";
import { example, inFolder, runResults, smallData, smallNet, succeed, tulle } from "./support.js";

inFolder({
  "small.net": smallNet,
  "pretrained.net": example("lenet-pretrained.net"),
  "points.npz": smallData(70),
});

/** The words of `tulle train`, three epochs into the folder `out` unless said otherwise. */
function train(out: string, settings: Readonly<Record<string, string>> = {}, ...switches: readonly string[]) {
  const values = { data: "points.npz", epochs: "3", out, ...settings };
  const words = Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
  return ["train", "small.net", ...words, ...switches];
}

interface Report {
  readonly finished: boolean;
  readonly final: { readonly metrics: { readonly loss: number; readonly accuracy: number } };
}

/** The last line of what `--json` prints. */
function lastReport(out: string): Report {
  return JSON.parse(out.trimEnd().split("\n").at(-1)!) as Report;
}

describe("train", () => {
  it("writes weights, losses, curves and metrics, and names them", async () => {
    const out = await succeed(...train("whole"));
    const names = ["weights.safetensors", "losses.svg", "losses.csv", "metrics.json", "report.html"];
    expect(out.trim().split("\n")).toEqual(names.map((name) => join("whole", name)));
    expect(Object.keys(runResults("whole")).sort()).toEqual([...names, "confusion.svg", "run.json"].sort());
  });

  it("ends with the final metrics as JSON, which evaluation agrees with", async () => {
    const { out, error } = await tulle(...train("json", {}, "--json"));
    const { finished, final } = lastReport(out);
    expect(finished).toBe(true);
    expect(error).toContain("70 examples to learn from; 3 epochs of 3 steps, batches of 32");
    const measured = JSON.parse(
      await succeed(
        ...["evaluate", "small.net", "--data", "points.npz", "--json"],
        ...["--weights", "json/weights.safetensors"],
      ),
    ) as { readonly examples: number; readonly split: string; readonly metrics: Report["final"]["metrics"] };
    expect(measured).toMatchObject({ examples: 70, split: "train" });
    expect(measured.metrics.accuracy).toBeCloseTo(final.metrics.accuracy, 6);
    expect(measured.metrics.loss).toBeCloseTo(final.metrics.loss, 5);
  });

  it("learns", async () => {
    const { final } = lastReport(await succeed(...train("long", { epochs: "60" }, "--json")));
    expect(final.metrics.accuracy).toBeGreaterThan(0.95);
  });

  it("gives the same bytes for the same seed, on one thread and on two; others for another", async () => {
    await succeed(...train("first", { seed: "5" }));
    await succeed(...train("second", { seed: "5" }));
    await succeed(...train("threads", { seed: "5", threads: "2" }));
    await succeed(...train("other", { seed: "6" }));
    const first = runResults("first");
    expect(runResults("second")).toEqual(first);
    expect(runResults("threads")).toEqual(first);
    expect(runResults("other")["weights.safetensors"]).not.toBe(first["weights.safetensors"]);
  });

  it("begins with given weights", async () => {
    await succeed(...train("given", { weights: "first/weights.safetensors" }));
    expect(runResults("given")).not.toEqual(runResults("first"));
  });

  it("leaves an earlier run alone when the weights are wrong", async () => {
    await succeed(...train("earlier"));
    writeFileSync("half.safetensors", readFileSync("earlier/weights.safetensors").subarray(0, 300));
    const before = readdirSync("earlier");
    expect((await tulle(...train("earlier", { weights: "half.safetensors" }))).code).toBe(1);
    expect(readdirSync("earlier")).toEqual(before);
  });
});

describe("train --resume", () => {
  it("begins, and says so, where there is no checkpoint yet", async () => {
    const { code, error } = await tulle(...train("new", {}, "--resume"));
    expect(code).toBe(0);
    expect(error).toContain("There is no checkpoint yet: the run begins with its first step.");
  });

  it("gives the same files again after the end", async () => {
    await succeed(...train("ended"));
    const before = runResults("ended");
    await succeed(...train("ended", {}, "--resume"));
    expect(runResults("ended")).toEqual(before);
  });

  it.each([
    [{ epochs: "2" }, "another run: epochs 3 instead of 2\n"],
    [{ seed: "1" }, "another run: seed 0 instead of 1\n"],
    [{ batch: "16" }, "another run: batch 32 instead of 16\n"],
  ])("refuses %j, and says what the run was begun with", async (changed, expected) => {
    await succeed(...train("settings"));
    const { code, error } = await tulle(...train("settings", changed, "--resume"));
    expect(code).toBe(1);
    expect(error).toContain(`settings/checkpoint-0.safetensors is a checkpoint of ${expected}`);
  });

  it("refuses another net, other data, and a damaged checkpoint", async () => {
    await succeed(...train("run"));
    writeFileSync("wider.net", smallNet.replace("dense(8)", "dense(9)"));
    writeFileSync("more.npz", smallData(71));
    const resume = train("run", {}, "--resume");
    const wider = await tulle(...resume.map((word) => (word === "small.net" ? "wider.net" : word)));
    expect(wider.error).toContain("the compiled net is not the same");
    const more = await tulle(...train("run", { data: "more.npz" }, "--resume"));
    expect(more.error).toContain("training examples 70 instead of 71");
    const checkpoint = readFileSync("run/checkpoint-0.safetensors");
    checkpoint[checkpoint.length - 5]! ^= 1;
    writeFileSync("run/checkpoint-0.safetensors", checkpoint);
    const damaged = await tulle(...resume);
    expect(damaged.error).toContain("the checksum does not match: the checkpoint is damaged");
    expect(damaged.error).toContain("begin a new run");
    expect([wider.code, more.code, damaged.code]).toEqual([1, 1, 1]);
  });
});

describe("data", () => {
  it("may have a test split and other names, which is noted", async () => {
    mkdirSync("named");
    const [learn, test] = [smallData(64), smallData(10)].map((bytes) => readNpz(bytes, "points"));
    const arrays = new Map([
      ["x_train", learn!.get("image")!],
      ["y_train", learn!.get("label")!],
      ["x_test", test!.get("image")!],
      ["y_test", test!.get("label")!],
    ]);
    writeFileSync("named/points.npz", writeNpz(arrays));
    const { code, error } = await tulle("train", "small.net", "--data", "named", "--epochs", "1");
    expect(code).toBe(0);
    expect(error).toContain("input image takes x, input label takes y");
    expect(error).toContain("64 examples to learn from, 10 to test on; 1 epoch of 2 steps");
    expect(readdirSync("runs/fit")).toContain("weights.safetensors");
  });
});

describe("evaluate", () => {
  const [digits, safetensors, pickled] = ["mnist10k", "lenet5-mnist.safetensors", "lenet5-mnist.pt"].map(
    realData,
  );

  it.runIf(digits && safetensors && pickled).each([safetensors, pickled])(
    "finds that LeNet from PyTorch (%s) knows 1,961 of 2,000 digits",
    async (weights) => {
      const line = ["evaluate", "pretrained.net", "--data", digits!, "--weights", weights!, "--json"];
      const { examples, metrics } = JSON.parse(await succeed(...line)) as {
        readonly examples: number;
        readonly metrics: { readonly accuracy: number };
      };
      expect(examples).toBe(2000);
      expect(Math.abs(Math.round(metrics.accuracy * examples) - 1961)).toBeLessThanOrEqual(2);
    },
  );
});
