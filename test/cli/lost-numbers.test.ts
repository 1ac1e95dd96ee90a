/**
 * Runs that meet NaN or infinity: they stop, say at which step and where it began, and
 * keep what was learned before. What is said is one golden text.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { decodeCheckpoint } from "../../runtime/train/checkpoint.js";
import { expectGolden } from "../support/golden.js";
import { floats, inFolder, integers, npz, smallData, smallNet, succeed, tulle } from "./support.js";

const label = integers([40], (i) => i % 3);
const rate = (sgd: string) => smallNet.replace("adam(lr=1e-2)", sgd);
const loss = (text: string) => smallNet.replace("loss = cross_entropy(logits, label)", text);

inFolder({
  "small.net": smallNet,
  "wild.net": rate("sgd(lr=1e6)").replace("tanh", "batch_norm as norm -> relu"),
  "wilder.net": rate("sgd(lr=1e38)"),
  "log.net": loss(
    "chances = logits -> softmax\n  loss = mean(-log(chances * 0)) + cross_entropy(logits, label)",
  ),
  "log-of-data.net": loss("loss = cross_entropy(logits, label) + mean(log(image + 1))"),
  // At 0 a root has an infinite slope, and the square's is 0: their product is NaN.
  "root.net": `net Flat: image[N, 4] -> [N, 3] { image -> dense(3, bias=false) as flat }
train fit { input image[N, 4] minimize mean(sqrt(square(image -> Flat))) with sgd(lr=1e-2) }
`,
  "two-steps.net": `${smallNet.slice(0, smallNet.indexOf("train fit"))}
net Judge: scores[N, 3] -> [N, 1] { scores -> dense(1) as out }

train both {
  input image[N, 4]
  step judge { minimize mean(square(image -> Small -> detach -> Judge)) with sgd(lr=1e-2) }
  step small { minimize mean(log(mean(image -> Small -> Judge) * 0)) over Small with sgd(lr=1e-2) }
}
`,
  "ok.npz": smallData(40),
  "infinite.npz": npz({ image: floats([40, 4], (i) => (i === 77 ? Infinity : Math.sin(i))), label }),
  "all-nan.npz": npz({ image: floats([40, 4], () => NaN), label }),
  "zeros.npz": npz({ image: floats([40, 4], () => 0), label }),
  // Row 37 has a value of -1, of which log(x + 1) is -Infinity.
  "edge.npz": npz({ image: floats([40, 4], (i) => (i === 150 ? -1 : Math.abs(Math.sin(i)))), label }),
});

const runs = [
  "wild.net --data ok.npz --epochs 200",
  "wilder.net --data ok.npz",
  "wilder.net --data ok.npz --batch 4 --accumulate 3",
  "log.net --data ok.npz",
  "log-of-data.net --data edge.npz --batch 4",
  "root.net --data zeros.npz",
  "two-steps.net --data ok.npz",
  "small.net --data infinite.npz",
  "small.net --data all-nan.npz",
  "two-steps.net --data ok.npz --accumulate 2",
];

it("are told where it began", async () => {
  const told: string[] = [];
  for (const [index, line] of runs.entries()) {
    const { code, out, error } = await tulle("train", ...line.split(" "), "--out", `run-${String(index)}`);
    expect(code, line).toBe(error.startsWith("tulle: ") ? 2 : 1);
    expect(out, line).toBe("");
    // Epochs that went well are not what this is about.
    const words = error.split("\n").filter((each) => !each.startsWith("epoch "));
    told.push(`$ tulle train ${line}\n${words.join("\n").trimEnd()}\n`);
  }
  expectGolden(join(import.meta.dirname, "cases", "lost-numbers.txt"), told.join("\n"));
});

it("keep the weights from before the step that went wrong, as a run that ends there has them", async () => {
  const { error } = await tulle("train", "wilder.net", "--data", "ok.npz", "--batch", "20", "--out", "lost");
  const [, found] = /at step (\d+), in epoch 1/.exec(error) ?? [];
  expect(found).toBe("2");
  const bytes = readFileSync("lost/checkpoint-0.safetensors");
  const { progress, state } = decodeCheckpoint(new Uint8Array(bytes), "checkpoint");
  expect(progress).toMatchObject({ step: 1, epoch: 0, batchInEpoch: 1 });
  for (const { data } of state.values()) expect(data.every(Number.isFinite)).toBe(true);
});

it("leave no checkpoint of a first step, and end the same when resumed", async () => {
  await tulle("train", "log.net", "--data", "ok.npz", "--out", "first");
  expect(existsSync("first/checkpoint-0.safetensors")).toBe(false);
  const line = ["train", "wilder.net", "--data", "ok.npz", "--batch", "20", "--out", "again"];
  const once = await tulle(...line);
  const twice = await tulle(...line, "--resume");
  expect(twice.code).toBe(1);
  expect(twice.error.split("error: ")[1]).toBe(once.error.split("error: ")[1]);
});

it("accumulate gradients, and resume to the same bytes", async () => {
  const line = (out: string, epochs: string) => [
    ...["train", "small.net", "--data", "ok.npz", "--batch", "6", "--accumulate", "4"],
    ...["--epochs", epochs, "--out", out],
  ];
  await succeed(...line("whole", "3"));
  await succeed(...line("part", "1"));
  await succeed(...line("part", "3"), "--resume");
  const weights = (out: string) => readFileSync(join(out, "weights.safetensors"), "base64");
  expect(weights("part")).toBe(weights("whole"));
  const { code, error } = await tulle(
    ...line("whole", "3").slice(0, -6),
    "--accumulate",
    "2",
    "--out",
    "whole",
    "--resume",
  );
  expect([code, error]).toEqual([1, expect.stringContaining("accumulate 4 instead of 2")]);
});
