/** Drawings and reports, kept as text: they need nothing else, and say in tables what they draw. */
import { describe, expect, it } from "vitest";
import {
  boundarySvg,
  gridPoints,
  planeOf,
  resolution,
  shareInRegion,
} from "../../runtime/inspect/boundary-svg.js";
import { confusionSvg } from "../../runtime/inspect/confusion-svg.js";
import { compareReport } from "../../runtime/inspect/report/compare-report.js";
import { formatRunRecord, readRunRecord, type RunRecord } from "../../runtime/inspect/report/run-record.js";
import { runReport } from "../../runtime/inspect/report/run-report.js";
import { goalsOf, stepsToReach } from "../../runtime/inspect/report/steps-to-reach.js";
import { rateCurve, scheduleSvg } from "../../runtime/inspect/schedule-svg.js";
import { expectGolden } from "../support/golden.js";
import { messageOf } from "../support/user-error.js";
import { pictures, record } from "./record.js";

const golden = (name: string, content: string): void => {
  expectGolden(`test/inspect/cases/${name}`, content);
};

/** A quicker run, with a metric that ends higher. */
const quicker: RunRecord = {
  ...record,
  settings: [...record.settings.slice(0, 2), { name: "set", value: "width=32" }],
  epochs: record.epochs.map((epoch) => ({
    ...epoch,
    metrics: [0.5, Math.min(0.97, 0.3 + 0.3 * epoch.epoch)],
  })),
  schedules: [
    { name: "rate", points: [1, 60, 200].map((step) => [step, step === 60 ? 0.1 : 0.004] as const) },
  ],
};

describe("drawings", () => {
  it("of a schedule: a line for those that agree, numbers at their ends", () => {
    const cosine = Float64Array.from(
      { length: 300 },
      (_, step) => 0.002 * (1 + Math.cos((Math.PI * step) / 300)),
    );
    const constant = Float64Array.from({ length: 300 }, () => 2e-4);
    const svg = scheduleSvg("gan & co", [
      rateCurve("discriminate", constant),
      rateCurve("generate", constant),
      rateCurve("rate", cosine),
    ]);
    expect(svg).toContain("discriminate, ");
    golden("schedule.svg", svg);
  });

  it("of a schedule over powers of ten: on a logarithmic axis", () => {
    const falling = Float64Array.from({ length: 100 }, (_, step) => 10 ** (-1 - step / 20));
    expect(scheduleSvg("decay", [rateCurve("rate", falling)])).toContain("rate, logarithmic");
  });

  it("of a schedule that has no numbers: nothing but axes", () => {
    expect(scheduleSvg("empty", [rateCurve("rate", [NaN, NaN])])).not.toContain("NaN");
  });

  it("of a confusion matrix: a square for every count, its share as its shade", () => {
    const { classes, counts } = record.predictions!;
    const svg = confusionSvg("fruit", classes, counts);
    expect(svg.match(/class="hit"/g)).toHaveLength(3);
    expect(svg.match(/class="miss"/g)).toHaveLength(2);
    golden("confusion.svg", svg);
  });

  it("of decision regions: colours where the net decides, points over them", () => {
    const points = [
      { x: -1, y: 0, label: 0 },
      { x: 1, y: 1, label: 1 },
      { x: 0.5, y: -1, label: 0 },
    ];
    const plane = planeOf(points);
    const grid = gridPoints(plane);
    const probabilities = Array.from({ length: resolution ** 2 }, (_, at) => {
      const second = 1 / (1 + Math.exp(-8 * grid[2 * at]!));
      return Float64Array.of(1 - second, second);
    });
    const chart = {
      title: "half <planes>",
      axes: ["x, first", "x, second"] as const,
      classes: ["left", "right"],
      plane,
      probabilities,
      points,
    };
    expect(shareInRegion(chart)).toBeCloseTo(2 / 3);
    const svg = boundarySvg(chart);
    expect(svg.match(/class="point"/g)).toHaveLength(3);
    expect(svg).toContain("half &lt;planes&gt;");
    golden("boundary.svg", svg.replace(/base64,[^"]+/, "base64,..."));
  });

  it("have their places in the plane from the top left to the bottom right", () => {
    const grid = gridPoints({
      x: planeOf([
        { x: 0, y: 0, label: null },
        { x: 1, y: 1, label: null },
      ]).x,
      y: planeOf([
        { x: 0, y: 0, label: null },
        { x: 1, y: 1, label: null },
      ]).y,
    });
    expect(grid[0]).toBeLessThan(0);
    expect(grid[1]).toBeGreaterThan(1);
    expect(grid.at(-2)).toBeGreaterThan(1);
    expect(grid.at(-1)).toBeLessThan(0);
  });
});

describe("the report of a run", () => {
  const html = runReport({ record, curves: '<svg xmlns="http://www.w3.org/2000/svg"/>', pictures });

  it("says what was run, how it went and what goes wrong", () => {
    golden("report.html", html);
  });

  it("needs nothing from elsewhere, and runs nothing", () => {
    expect(html).not.toContain("<script");
    expect(html.match(/(?:src|href)="(?!data:)/g)).toBeNull();
    expect(html.match(/url\((?!data:)/g)).toBeNull();
    for (const name of ["section", "table", "figure", "details", "ul", "dl", "main"]) {
      const opened = html.match(new RegExp(`<${name}[ >]`, "g"))?.length ?? 0;
      expect(html.match(new RegExp(`</${name}>`, "g"))?.length ?? 0, name).toBe(opened);
    }
  });

  it("shows words as words", () => {
    expect(html).toContain("width=&lt;16&gt;");
    expect(html).toContain("apples &amp; pears");
  });

  it("describes every picture in words", () => {
    expect(html.match(/<img /g)).toHaveLength(html.match(/<img [^>]*alt="[^"]+"/g)!.length);
  });

  it("stays under a megabyte however large the pictures are", () => {
    const large = new Map([...pictures.keys()].map((name) => [name, new Uint8Array(400_000)]));
    const page = runReport({ record, curves: null, pictures: large });
    expect(page.length).toBeLessThan(1_000_000);
    expect(page).toContain("Too large for this page, in the run's folder: samples.png");
  });

  it("is made of a run without epochs, classes and pictures too", () => {
    const bare = { ...record, epochs: [], metrics: [], predictions: null, pictures: [], isFinished: false };
    const page = runReport({ record: bare, curves: null, pictures: new Map() });
    expect(page).toContain("not finished");
    expect(page).not.toContain("Confusion matrix");
  });
});

describe("the record of a run", () => {
  it("is read as it was written", () => {
    expect(readRunRecord(formatRunRecord(record), "run.json")).toEqual(record);
  });

  it("is refused when it is damaged", () => {
    for (const text of ["", "{}", "[1]", formatRunRecord(record).replace('"steps":200', '"steps":"many"')]) {
      expect(messageOf(() => readRunRecord(text, "x/run.json"))).toBe(
        "x/run.json is damaged, or of another version of tulle",
      );
    }
  });
});

describe("comparing runs", () => {
  const runs = [
    { name: "runs/slow", record },
    { name: "runs/quick", record: quicker },
  ];

  it("counts the steps to an accuracy", () => {
    expect(stepsToReach(record, { metric: "accuracy", value: 0.8 })).toBe(150);
    expect(stepsToReach(quicker, { metric: "accuracy", value: 0.8 })).toBe(100);
    expect(stepsToReach(record, { metric: "accuracy", value: 0.95 })).toBeNull();
    expect(stepsToReach(record, { metric: "loss", value: 0.9 })).toBe(100);
    const goals = goalsOf(runs.map((run) => run.record)).map(({ value }) => value);
    // Where the runs take as many steps as to a lower goal, the higher says more.
    expect(goals).toEqual([0.6, 0.8, 0.85, 0.9, 0.97]);
  });

  it("shows curves over each other, and only the settings that differ", () => {
    const html = compareReport(runs);
    expect(html).toContain("<td>set</td>");
    expect(html).not.toContain("<td>batch</td>");
    expect(html).toContain("not reached");
    golden("compare.html", html);
  });

  it("takes goals as given, and runs that share nothing", () => {
    const html = compareReport(runs, [{ metric: "accuracy", value: 0.4 }]);
    expect(html).toContain("accuracy 40.00%");
    const other = { ...record, metrics: ["deviation"], losses: ["other"], epochs: [], curves: [] };
    expect(compareReport([runs[0]!, { name: "other", record: other }])).toContain("2 runs compared");
  });
});
