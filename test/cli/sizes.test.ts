/** Open sizes and small batches, as a user meets them in `show` and `gradcheck`. */
import { expect, it } from "vitest";
import { inFolder, succeed, tulle } from "./support.js";

inFolder({
  "open.net": "net Open: x[N, 3, H, W] -> [N, 2] { x -> conv(4, 3) -> global_avg_pool -> dense(2) }\n",
  "norm.net": `net Norm: x[N, 4] { x -> dense(4) -> batch_norm -> relu }
train fit { input x[N, 4] minimize mean(x -> Norm) with sgd(lr=0.1) }
`,
});

it("show says what multiply-adds depend on, and counts them at given sizes", async () => {
  const open = await succeed("show", "open.net");
  expect(open).toContain("[N, 4, H - 2, W - 2]");
  expect(open).toContain("multiply-adds depend on H and W: --size H=224 --size W=224");
  const half = await succeed("show", "open.net", "--size", "H=12");
  expect(half).toContain("[N, 4, 10, W - 2]");
  expect(half).toContain("multiply-adds depend on W:");
  // 10 * 10 positions * 4 channels * 27 weights, and 4 * 2 in the dense layer.
  const fixed = await succeed("show", "open.net", "--size", "H=12", "--size", "W=12");
  expect(fixed).toContain("10,808 multiply-adds per example");
});

it("gradcheck warns where batch norm has hardly any values", async () => {
  const few = await tulle("gradcheck", "norm.net");
  expect(few.error).toContain("`Norm.1`: batch norm sees 2 values per channel in a batch of 2");
  const enough = await tulle("gradcheck", "norm.net", "--batch", "4");
  expect(enough.error).toBe("");
});
