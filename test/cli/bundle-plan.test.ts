/** `tulle build` twice, and what `tulle plan` says of a bundle. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { example, inFolder, succeed, tulle } from "./support.js";

inFolder({ "lenet.net": example("lenet.net") });

test("the same input gives the same bytes, for every target", async () => {
  for (const target of ["cpu", "webgpu", "both"]) {
    await succeed("build", "lenet.net", "-o", "one", "--target", target, "--batch", "1,32");
    await succeed("build", "lenet.net", "-o", "two", "--target", target, "--batch", "1,32");
    for (const file of ["lenet.js", "lenet.d.ts"]) {
      expect(readFileSync(`two/${file}`, "utf8")).toBe(readFileSync(`one/${file}`, "utf8"));
    }
  }
});

test("a bundle tells its plan: what `tulle plan` says of its net, without what it leaves out", async () => {
  await succeed("build", "lenet.net", "-o", "web");
  const told = await succeed("plan", "web/lenet.js");
  const planned = await succeed("plan", "lenet.net");
  const predict = planned.slice(planned.indexOf("predict LeNet5 batch 1"));
  expect(told).toContain(predict.trimEnd());
  expect(told).not.toContain("initialize");
});

test("a bundle for both targets tells both plans", async () => {
  await succeed("build", "lenet.net", "-o", "both", "--target", "both");
  const told = await succeed("plan", "both/lenet.js");
  expect(told.match(/^program LeNet5: /gm)).toHaveLength(2);
  expect(told).toContain("dispatches");
});

test("a module that is no bundle tells none", async () => {
  writeFileSync("other.js", "export const load = () => null;\n");
  const { code, error } = await tulle("plan", "other.js");
  expect(code).toBe(1);
  expect(error).toContain("other.js tells no plan");
});
