/** Files that ask for too much get an answer, whatever they ask for. */
import { describe, expect, it } from "vitest";
import { checkText, rendered } from "./support.js";

function chain(count: number, define: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => define(index)).join("\n");
}

const cases: readonly (readonly [name: string, text: string, expected: string])[] = [
  ["a repeat", "net Net: x[N, 3] { x -> repeat(1000000000, relu) }", "1,000,000,000 copies"],
  ["repeats in repeats", "net Net: x[N, 3] { x -> repeat(20000, repeat(20000, relu)) }", "too many layers"],
  [
    "repeats of nothing",
    "net Net: x[N, 3] { x -> repeat(20000, repeat(20000, repeat(20000, repeat(0, relu)))) }",
    "too much work",
  ],
  ["a range", "net Net: x[N, 3] { x -> repeat(i in 0..1000000000, relu) }", "copies"],
  [
    "doubling blocks",
    `${chain(60, (i) => `block B${String(i)} = B${String(i + 1)} -> B${String(i + 1)}`)}\nblock B60 = relu\nnet Net: x[N, 3] { x -> B0 }`,
    "too many layers",
  ],
  [
    "doubling blocks of nothing",
    `${chain(60, (i) => `block B${String(i)} = B${String(i + 1)} -> B${String(i + 1)}`)}\nblock B60 = repeat(0, relu)\nnet Net: x[N, 3] { x -> B0 }`,
    "too much work",
  ],
  [
    "doubling nets",
    `${chain(40, (i) => `net B${String(i)}: x[N, 3] { x -> B${String(i + 1)} -> B${String(i + 1)} }`)}\nnet B40: x[N, 3] { x -> relu }`,
    "too many layers",
  ],
  [
    "deep blocks",
    `${chain(500, (i) => `block B${String(i)} = B${String(i + 1)} -> relu`)}\nblock B500 = relu\nnet Net: x[N, 3] { x -> B0 }`,
    "nested too deeply",
  ],
  [
    "long chains of constants",
    `${chain(5000, (i) => `const c${String(i)} = c${String(i + 1)} + 1`)}\nconst c5000 = 1`,
    "nested too deeply",
  ],
  ["deep lists", `const total = ${"[".repeat(3000)}1${"]".repeat(3000)}`, "nested too deeply"],
  [
    "long chains of nets",
    `${chain(2000, (i) => `net B${String(i)}: x[N, 3] { x -> B${String(i + 1)} }`)}\nnet B2000: x[N, 3] { x -> relu }`,
    "nested too deeply",
  ],
  [
    "recursion through a setting",
    "block Y(F: block) = F(F)\nnet Net: x[N, 3] { x -> Y(Y) }",
    "nested too deeply",
  ],
  ["a wide layer", "net Net: x[N, 3] { x -> dense(9007199254740991) }", "would need a weight"],
  [
    "growing powers",
    `net Net: x[N, 3] { x -> ${Array(40).fill("reshape(1, 3) -> flatten").join(" -> ")} -> dense(2 ${" * 2".repeat(60)}) }`,
    "too large",
  ],
  ["upsampling", `net Net: x[N, 3, 4, 4] { x -> repeat(60, upsample(2)) }`, "elements"],
  ["symbolic upsampling", `net Net: x[N, 3, H, W] { x -> repeat(60, upsample(2)) }`, "too large"],
  ["many parameters", "net Net: x[N, 40000] { x -> repeat(100, dense(40000)) }", "parameters"],
];

describe("limits", () => {
  it.each(cases)("of %s", (_, text, expected) => {
    const result = checkText(text);
    expect(result.model).toBeNull();
    expect(rendered(result)).toContain(expected);
    expect(result.diagnostics.length).toBeLessThan(10);
  });
});
