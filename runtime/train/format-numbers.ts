/** Numbers as people read them in progress lines and curves. */

/** A loss: four significant digits, `0.08417`, `2.303`, `1.2e-7`. */
export function formatLoss(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6)) return value.toExponential(2);
  return value.toPrecision(4);
}

/** A metric: accuracies and errors as percentages, everything else as a loss is. */
export function formatMetric(name: string, value: number): string {
  return isFraction(name) && Number.isFinite(value) ? `${(100 * value).toFixed(2)}%` : formatLoss(value);
}

/** Whether a metric is a share of the examples, by what it is called. */
export function isFraction(name: string): boolean {
  return /accuracy|error|^top/i.test(name);
}

/** `12,340` */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Seconds as `0:07`, `12:40` or `3:05:00`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const pad = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

/** A learning rate: two significant digits, `0.0012`, `2.5e-5`. */
export function formatRate(rate: number): string {
  return rate > 0 && rate < 1e-3 ? rate.toExponential(1) : String(Number(rate.toPrecision(2)));
}
