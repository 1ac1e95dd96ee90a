/** What remains to be checked when size variables get numbers. */
import { describe, expect, it } from "vitest";
import { diagnoseSizes } from "../../compiler/check/fixed-sizes.js";
import { checkText, netOf, sectionOf } from "./support.js";

const text = `
net Halves: image[N, 3, H, 32] where H % 4 == 0 {
  image -> conv(8, 3, pad=1) -> batch_norm -> max_pool(4) -> upsample(4)
}
train t {
  input image[N, 3, 64, 32]
  loss = mean(square(image -> Halves))
  minimize loss with sgd(lr=0.1)
}
train one {
  input image[N, 3, 64, 32]
  minimize mean(square(image -> global_avg_pool -> Single)) with sgd(lr=0.1)
}
net Single: x[N, 3] { x -> batch_norm }
`;

function messages(
  model: Parameters<typeof diagnoseSizes>[0],
  sizes: Readonly<Record<string, number>>,
): readonly string[] {
  return diagnoseSizes(model, new Map(Object.entries(sizes))).map(({ message }) => message);
}

describe("diagnoseSizes", () => {
  const result = checkText(text);
  it("asks for sizes that are missing", () => {
    expect(messages(netOf(result), { N: 1 })).toEqual(["`H` needs a number now"]);
  });
  it("checks preconditions", () => {
    expect(messages(netOf(result), { N: 1, H: 64 })).toEqual([]);
    expect(messages(netOf(result), { N: 1, H: 62 })).toEqual([
      "`Halves` cannot run at these sizes: H % 4 == 0 does not hold",
    ]);
  });
  it("knows that batch norm needs several values per channel in training", () => {
    const section = result.model?.sections.find(({ name }) => name === "one");
    expect(section).toBeDefined();
    expect(messages(sectionOf(result), { N: 1 })).toEqual([]);
    expect(messages(section!, { N: 2 })).toEqual([]);
    expect(messages(section!, { N: 1 })).toEqual(["`one` cannot run at these sizes: N >= 2 does not hold"]);
    expect(messages(netOf(result, "Single"), { N: 1 })).toEqual([]);
  });
});
