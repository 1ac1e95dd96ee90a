/** The losses of a run as a table: `step,epoch,loss`, a row per step. */
import type { TrainResult } from "./events.js";

/** CSV text. Numbers have nine digits, which give a float32 back exactly. */
export function lossesCsv({ plan, stepLosses }: TrainResult): string {
  const width = plan.losses.length;
  const lines = [["step", "epoch", ...plan.losses].join(",")];
  for (let step = 0; step * width < stepLosses.length; step++) {
    const values = Array.from(stepLosses.subarray(step * width, (step + 1) * width), formatFloat);
    lines.push([step + 1, Math.floor(step / plan.stepsPerEpoch) + 1, ...values].join(","));
  }
  return `${lines.join("\n")}\n`;
}

function formatFloat(value: number): string {
  return String(Number(value.toPrecision(9)));
}
