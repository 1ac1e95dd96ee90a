import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseState } from "../../runtime/search/search-state.js";
import { drawPoints, gridOf, parseVariable } from "../../runtime/search/space.js";
import { sortTrials, type Trial, trialsCsv } from "../../runtime/search/trials.js";

const values = (text: string) => {
  const { choices } = parseVariable(text);
  return choices.kind === "values" ? choices.values : null;
};

describe("variables", () => {
  it("are values, as the language writes them", () => {
    expect(values("width=16,32,64")).toEqual(["16", "32", "64"]);
    expect(values('sizes=[1, 2],[3, 4],"a,b"')).toEqual(["[1, 2]", "[3, 4]", '"a,b"']);
    expect(values("Net.deep=true,false,true")).toEqual(["true", "false"]);
  });

  it("are ranges, with a count of values or without", () => {
    expect(parseVariable("drop=0..0.5").choices).toMatchObject({ low: 0, high: 0.5, isInteger: false });
    expect(parseVariable("n=-2..9").choices).toMatchObject({ low: -2, high: 9, isInteger: true });
    expect(parseVariable("rate=log:1e-4..1e-1").choices).toMatchObject({ isLogarithmic: true });
    expect(values("rate=log:1e-4..1e-1:4")).toEqual(["0.0001", "0.001", "0.01", "0.1"]);
    expect(values("n=1..4:4")).toEqual(["1", "2", "3", "4"]);
    expect(values("drop=0..0.5:3")).toEqual(["0", "0.25", "0.5"]);
  });
});

describe("points", () => {
  it("of a grid are all combinations", () => {
    expect(gridOf([parseVariable("a=1,2"), parseVariable("b=x,y")])).toEqual([
      { a: "1", b: "x" },
      { a: "1", b: "y" },
      { a: "2", b: "x" },
      { a: "2", b: "y" },
    ]);
  });

  it("drawn are different, in their ranges, and the first of more", () => {
    const variables = ["n=3..7", "rate=log:1e-4..1e-1", "drop=-1..0.5", "k=a,b"].map(parseVariable);
    const property = fc.property(fc.nat(2 ** 32 - 1), fc.integer({ min: 1, max: 30 }), (seed, count) => {
      const points = drawPoints(variables, count, seed);
      expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(count);
      for (const { n, rate, drop, k } of points) {
        expect(["3", "4", "5", "6", "7"]).toContain(n);
        expect(Number(rate)).toBeGreaterThanOrEqual(1e-4);
        expect(Number(rate)).toBeLessThanOrEqual(0.1);
        expect(Math.abs(Number(drop) + 0.25)).toBeLessThanOrEqual(0.75);
        expect(["a", "b"]).toContain(k);
      }
      expect(drawPoints(variables, count + 5, seed).slice(0, count)).toEqual(points);
    });
    fc.assert(property, { seed: 2, numRuns: 50 });
  });

  it("drawn are as many as there are, when more are asked for", () => {
    expect(drawPoints([parseVariable("a=1,2,3")], 20, 1)).toHaveLength(3);
  });

  it("of a logarithmic range are as often small as large", () => {
    const points = drawPoints([parseVariable("rate=log:1e-4..1")], 400, 7);
    const small = points.filter(({ rate }) => Number(rate) < 0.01).length;
    expect(Math.abs(small - 200)).toBeLessThan(40);
  });
});

const finished = (number: number, value: number): Trial => ({
  number,
  settings: { a: String(number) },
  outcome: { kind: "finished", value, bestEpoch: 1, epochs: 2, metrics: { loss: value } },
});
const failed: Trial = {
  number: 3,
  settings: { a: '"x,y"' },
  outcome: { kind: "failed", reason: "too large" },
};

describe("trials", () => {
  it("are sorted by what is monitored, the failed ones last", () => {
    const trials = [finished(1, 0.5), failed, finished(2, 0.25), finished(4, 0.25)];
    expect(sortTrials(trials, "down").map(({ number }) => number)).toEqual([2, 4, 1, 3]);
    expect(sortTrials(trials, "up").map(({ number }) => number)).toEqual([1, 2, 4, 3]);
  });

  it("are a table", () => {
    expect(trialsCsv([finished(1, 0.5), failed])).toBe(
      'trial,a,loss,best_epoch,epochs,failure\n1,1,0.5,1,2,\n3,"""x,y""",,,,too large\n',
    );
  });

  it("are read back from what was written, and from nothing else", () => {
    const state = { identity: { seed: 1 }, monitor: null, trials: [finished(1, 0.5), failed] };
    expect(parseState(JSON.stringify(state))).toEqual(state);
    const odd = ["", "[]", "{}", '{"identity":{},"monitor":null,"trials":[{"number":0}]}', '{"identity":[]}'];
    for (const text of odd) expect(parseState(text)).toBeNull();
  });
});
