import { describe, expect, it } from "vitest";
import { curvesSvg } from "../../runtime/train/curves-svg.js";
import type { RunPlan, TrainEvent, TrainResult } from "../../runtime/train/events.js";
import { formatCount, formatDuration, formatLoss, formatMetric } from "../../runtime/train/format-numbers.js";
import { lossesCsv } from "../../runtime/train/losses-csv.js";
import { metricsReport } from "../../runtime/train/metrics-json.js";
import { createProgressReporter } from "../../runtime/train/progress-reporter.js";
import { linearScale, logarithmicScale } from "../../runtime/chart/scale.js";
import { smooth, thinOut } from "../../runtime/chart/smooth.js";
import { expectGolden } from "../support/golden.js";

const plan: RunPlan = {
  section: "mnist",
  losses: ["loss"],
  metrics: ["loss", "accuracy"],
  epochs: 2,
  batch: 32,
  stepsPerEpoch: 10,
  steps: 20,
  unit: "images",
  trainExamples: 320,
  validationExamples: 1000,
  validationOn: "test",
  monitor: null,
  patience: null,
  snapshotSteps: [],
};

const result: TrainResult = {
  plan,
  isFinished: true,
  stoppedEarly: false,
  best: null,
  unsaved: null,
  step: 20,
  epochs: [
    { epoch: 1, losses: [0.75], metrics: [0.6, 0.912] },
    { epoch: 2, losses: [0.125], metrics: [0.2, 0.9735] },
  ],
  stepLosses: Float32Array.from({ length: 20 }, (_, i) => 2 ** -(i / 4)),
};

describe("numbers", () => {
  it("are written as people read them", () => {
    expect([2.302585, 0.08417, 0, 1.2e-7, NaN, 12345678].map(formatLoss)).toEqual([
      "2.303",
      "0.08417",
      "0.000",
      "1.20e-7",
      "NaN",
      "1.23e+7",
    ]);
    expect(formatMetric("accuracy", 0.97351)).toBe("97.35%");
    expect(formatMetric("distance", 0.97351)).toBe("0.9735");
    expect([7, 1234, 1234567].map(formatCount)).toEqual(["7", "1,234", "1,234,567"]);
    expect([0.4, 59.6, 3725].map(formatDuration)).toEqual(["0:00", "1:00", "1:02:05"]);
  });
});

describe("scales", () => {
  it("have round ticks that cover the values", () => {
    expect(linearScale(0, 2.3, 5).ticks).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
    expect(linearScale(0.931, 0.974, 4).ticks).toEqual([0.92, 0.94, 0.96, 0.98]);
    expect(linearScale(3, 3, 4).ticks.length).toBeGreaterThan(1);
    expect(logarithmicScale(0.013, 2.4).ticks).toEqual([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]);
    expect(logarithmicScale(1e-7, 3).ticks).toEqual([1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10]);
  });

  it("place their ends at 0 and 1", () => {
    for (const scale of [linearScale(-1, 7, 4), logarithmicScale(0.02, 5)]) {
      expect([scale.position(scale.low), scale.position(scale.high)]).toEqual([0, 1]);
    }
  });
});

describe("curves", () => {
  it("are smoothed from their first value on", () => {
    const smoothed = smooth(Float32Array.of(4, 4, 4, 0), 2);
    expect([...smoothed.slice(0, 3)]).toEqual([4, 4, 4]);
    expect(smoothed[3]).toBeCloseTo(4 * (1 - 8 / 15), 12);
  });

  it("keep their ends and extremes when thinned out", () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => (i === 313 ? 9 : i === 700 ? -9 : i % 3));
    const kept = thinOut(values, 40);
    expect(kept.length).toBeLessThanOrEqual(42);
    const positions = kept.map(({ at }) => at);
    for (const at of [0, 313, 700, 999]) expect(positions).toContain(at);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });

  it("are drawn", () => {
    expectGolden("test/golden/train/curves.svg", curvesSvg(result));
  });

  it("are drawn for runs without steps, metrics or sense", () => {
    const nothing = { ...result, epochs: [], stepLosses: new Float32Array(0), step: 0 };
    const odd = {
      ...result,
      plan: { ...plan, section: "<script>" },
      epochs: [{ epoch: 1, losses: [1], metrics: [NaN, NaN] }],
      stepLosses: Float32Array.of(0, 1e30, 0),
    };
    for (const run of [nothing, odd]) {
      const svg = curvesSvg(run);
      expect(svg).not.toMatch(/NaN|Infinity|undefined|<script/);
      expect(svg.trimEnd()).toMatch(/<\/svg>$/);
    }
  });
});

describe("tables", () => {
  it("have a row per step that gives the float32 back", () => {
    const lines = lossesCsv(result).trimEnd().split("\n");
    expect(lines).toHaveLength(21);
    expect([lines[0], lines[1], lines[11]]).toEqual(["step,epoch,loss", "1,1,1", "11,2,0.176776692"]);
    const back = lines.slice(1).map((line) => Number(line.split(",")[2]));
    expect(Float32Array.from(back)).toEqual(result.stepLosses);
  });

  it("of metrics hold no times", () => {
    expect(metricsReport(result)).toEqual({
      section: "mnist",
      finished: true,
      steps: 20,
      batch: 32,
      measured_on: "test",
      monitor: null,
      weights: "last",
      epochs: [
        { epoch: 1, losses: { loss: 0.75 }, metrics: { loss: 0.6, accuracy: 0.912 } },
        { epoch: 2, losses: { loss: 0.125 }, metrics: { loss: 0.2, accuracy: 0.9735 } },
      ],
      final: { losses: { loss: 0.125 }, metrics: { loss: 0.2, accuracy: 0.9735 } },
    });
    expect(metricsReport({ ...result, epochs: [] }).final).toBeNull();
  });
});

describe("progress", () => {
  /** The events of a run whose steps take a second each, and what is shown of them. */
  function show(isTerminal: boolean, columns = 80): string {
    let time = 0;
    let shown = "";
    const write = (text: string): void => {
      shown += text;
    };
    const reporter = createProgressReporter({ write, isTerminal, columns: () => columns, clock: () => time });
    const events: TrainEvent[] = [{ kind: "start", plan, resumedAt: null, notes: ["A note."] }];
    for (let step = 1; step <= 20; step++) {
      const epoch = Math.ceil(step / 10);
      events.push({ kind: "step", step, epoch, examples: 32, losses: [1 / step], meanLosses: [2 / step] });
      if (step % 10 !== 0) continue;
      events.push({ kind: "validating", epoch });
      events.push({ kind: "epoch", step, result: result.epochs[epoch - 1]!, best: null });
    }
    for (const event of events) {
      if (event.kind === "step") time += 1000;
      reporter.report(event);
    }
    reporter.end();
    return shown;
  }

  it("is plain lines where nobody looks", () => {
    expect(show(false)).toBe(
      [
        "A note.",
        "mnist: 320 images to learn from, 1,000 to test on; 2 epochs of 10 steps, batches of 32",
        "epoch 1/2  step 10/20  loss 0.2000  32 images/s  0:10 left",
        "epoch 1/2  loss 0.7500  test loss 0.6000  accuracy 91.20%  0:10",
        "epoch 2/2  step 20/20  loss 0.1000  32 images/s  0:00 left",
        "epoch 2/2  loss 0.1250  test loss 0.2000  accuracy 97.35%  0:10",
        "",
      ].join("\n"),
    );
  });

  it("is one changing line on a terminal", () => {
    const lines = show(true).split("\r\u001b[K");
    expect(lines.slice(0, 4)).toEqual([
      "A note.\nmnist: 320 images to learn from, 1,000 to test on; 2 epochs of 10 steps, batches of 32\n",
      "epoch 1/2  ━─────────────────────────────  loss 2.000  32 images/s  0:19 left",
      "epoch 1/2  ━━━───────────────────────────  loss 1.000  32 images/s  0:18 left",
      "epoch 1/2  ━━━━──────────────────────────  loss 0.6667  32 images/s  0:17 left",
    ]);
    expect(lines.at(-2)).toBe("epoch 2/2  loss 0.1250  test loss 0.2000  accuracy 97.35%  0:10\n");
    expect(lines.at(-1)).toBe("");
  });

  it("never breaks a line, however narrow the terminal", () => {
    for (const columns of [1, 10, 40, 60, 200]) {
      const bars = show(true, columns)
        .split("\r\u001b[K")
        .filter((line) => !line.includes("\n"));
      for (const bar of bars) expect([...bar].length).toBeLessThan(Math.max(columns, 1));
    }
  });

  it("goes on from a checkpoint", () => {
    let shown = "";
    const reporter = createProgressReporter({ write: (text) => (shown += text), isTerminal: false });
    reporter.report({ kind: "start", plan, resumedAt: 13, notes: [] });
    expect(shown).toContain("going on from step 13\n");
  });
});
