/** `tulle find-rate`: the learning-rate range test, from the command line. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RateAdvice, RateStep } from "../../runtime/train/rate-test.js";
import { inFolder, smallData, smallNet, succeed, tulle } from "./support.js";

inFolder({ "small.net": smallNet, "points.npz": smallData(70) });

const line = ["find-rate", "small.net", "--data", "points.npz"];

interface Report {
  readonly steps: readonly RateStep[];
  readonly advice: RateAdvice | null;
}

async function report(...words: readonly string[]): Promise<Report> {
  return JSON.parse(await succeed(...line, "--json", ...words)) as Report;
}

describe("find-rate", () => {
  it("prints a table, what it suggests, and where it is drawn", async () => {
    const out = await succeed(...line, "--from", "1e-4", "--to", "10");
    expect(out).toMatch(/^ *rate +loss\n/);
    expect(out).toMatch(/the loss fell fastest at [\d.e-]+, and was lowest at [\d.e-]+/);
    expect(out).toMatch(/suggested: [\d.e-]+ as a constant rate/);
    expect(out.trimEnd().split("\n").at(-1)).toBe("runs/fit-rates.svg");
    expect(readFileSync("runs/fit-rates.svg", "utf8")).toMatch(/^<svg[^]*learning rate[^]*<\/svg>\n$/);
    expect(readdirSync("runs")).toEqual(["fit-rates.svg"]);
  });

  it("grows the rate by equal factors, whatever rate the section has, and stops when the loss diverges", async () => {
    const { steps, advice } = await report("--from", "1e-4", "--to", "100", "--svg", "rates.svg");
    expect(existsSync("rates.svg")).toBe(true);
    expect(steps[0]!.rate).toBeCloseTo(1e-4, 10);
    const factor = (100 / 1e-4) ** (1 / 199);
    for (const [i, { rate }] of steps.slice(1).entries())
      expect(rate / steps[i]!.rate).toBeCloseTo(factor, 8);
    expect(steps.length).toBeLessThan(200);
    const lowest = Math.min(...steps.map(({ smoothed }) => smoothed));
    expect(steps.at(-1)!.smoothed).toBeGreaterThan(4 * lowest);
    expect(advice!.tenth).toBeCloseTo(advice!.lowest / 10, 12);
    expect(advice!.steepest).toBeLessThan(advice!.lowest);
  });

  it("gives the same losses for the same seed", async () => {
    const words = ["--steps", "30", "--seed", "4"];
    expect(await report(...words)).toEqual(await report(...words));
    expect((await report("--steps", "30")).steps).not.toEqual((await report(...words)).steps);
  });

  it("says so when no rate was of use", async () => {
    const out = await succeed(...line, "--from", "1e-9", "--to", "1e-8", "--steps", "20");
    expect(out).toContain("and the loss has not diverged: a larger --to would show more");
  });

  it.each([
    [["--from", "1", "--to", "0.1"], 1, "the rates go from 1 to 0.1, and should grow"],
    [["--from", "fast"], 2, "--from takes a rate, a number above 0 such as 1e-4, and `fast` is none"],
    [["--steps", "3"], 2, "--steps takes a whole number of at least 10"],
  ])("refuses %j", async (words, code, message) => {
    const refused = await tulle(...line, ...words);
    expect(refused.code).toBe(code);
    expect(refused.error).toContain(message);
  });
});
