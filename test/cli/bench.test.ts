/** `tulle bench` names every kernel and what it computes; how fast is not for a test to say. */
import { describe, expect, it } from "vitest";
import { tulle } from "./support.js";

interface BenchReport {
  readonly median: number;
  readonly runs: number;
  readonly kernels: readonly {
    readonly description: string;
    readonly time: number;
    readonly flops: number;
  }[];
}

describe("tulle bench", () => {
  it.each([
    ["--batch", "2"],
    ["--train", "mnist", "--batch", "2"],
  ])("times %s %s", async (...options) => {
    const { code, out } = await tulle("bench", "dsl-examples/lenet.net", ...options, "--json");
    expect(code).toBe(0);
    const report = JSON.parse(out) as BenchReport;
    expect(report.runs).toBeGreaterThanOrEqual(3);
    expect(report.median).toBeGreaterThan(0);
    expect(report.kernels.map(({ description }) => description).join()).toContain("conv 5x5");
    for (const { flops, time } of report.kernels) {
      expect(flops).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(time)).toBe(true);
    }
  });
});
