/** A trunk from another net's weights, under a head of its own: what was loaded is told by name. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readSafetensors } from "../../runtime/files/safetensors.js";
import { inFolder, smallData, smallNet, succeed, tulle } from "./support.js";

inFolder({
  "small.net": smallNet,
  "five.net": smallNet
    .replace("[N, 3] {", "[N, 5] {")
    .replace("dense(3) as out", "dense(5) as out")
    .replace("in 0..3", "in 0..5")
    .replace("minimize loss with", "minimize loss over Small.out with"),
  "points.npz": smallData(40),
});

const tensorsOf = (path: string) => readSafetensors(new Uint8Array(readFileSync(path)), path).tensors;

it("is trained alone, and the trunk stays to the last bit", async () => {
  await succeed("train", "small.net", "--data", "points.npz", "--epochs", "2", "--out", "trunk");
  const line = ["train", "five.net", "--data", "points.npz", "--epochs", "2", "--out", "head"];
  const weights = ["--weights", "trunk/weights.safetensors"];
  const refused = await tulle(...line, ...weights);
  expect(refused.code).toBe(1);
  expect(refused.error).toContain("out.weight should be [5, 8], and is [3, 8]");

  const { code, error } = await tulle(...line, ...weights, "--partial");
  expect(code).toBe(0);
  expect(error).toContain(`note: trunk/weights.safetensors, loaded in part
  2 loaded: hidden.weight, hidden.bias
  2 of another shape, as initialized: out.weight should be [5, 8], and is [3, 8]; out.bias should be [5], and is [3]
`);
  const [trunk, head] = [tensorsOf("trunk/weights.safetensors"), tensorsOf("head/weights.safetensors")];
  for (const name of ["hidden.weight", "hidden.bias"]) expect(head.get(name)).toEqual(trunk.get(name));
  expect(head.get("out.weight")?.shape).toEqual([5, 8]);
});
