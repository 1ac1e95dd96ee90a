/** Numbers as people read them. */

/** `61,706` */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** `104 kB`, with three digits at most. */
export function bytesText(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? String(amount) : amount.toPrecision(3).replace(/\.0+$/, "")} ${units[unit]!}`;
}
