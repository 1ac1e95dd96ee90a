/** Tables for people. Times in milliseconds, ratios to Tulle's time in the same run. */

export function printLimits({ multiplyAdd, relaxedMultiplyAdd, copy, read }) {
  console.log("The machine's limits, in WebAssembly SIMD");
  const rows = [
    ["multiply-add in registers", `${multiplyAdd.toFixed(1)} GFLOP/s`],
    [
      "relaxed multiply-add",
      relaxedMultiplyAdd === null ? "not in this engine" : `${relaxedMultiplyAdd.toFixed(1)} GFLOP/s`,
    ],
    ["copy, in cache (512 KiB)", `${copy.cache.toFixed(1)} GB/s`],
    ["copy, in memory (256 MiB)", `${copy.memory.toFixed(1)} GB/s`],
    ["read, in cache (512 KiB)", `${read.cache.toFixed(1)} GB/s`],
  ];
  printRows(rows);
}

export function printCase({ title, work }, results) {
  console.log(work === null ? title : `${title} (${(work / 1e6).toFixed(0)} MFLOP)`);
  const reference = results.find(({ id, obstacle }) => id === "tulle" && obstacle === undefined);
  printRows(
    results.map(({ title, median, fastest, slowest, obstacle }) =>
      obstacle !== undefined
        ? [title, "-", obstacle]
        : [
            title,
            `${milliseconds(median)} ms`,
            reference === undefined ? "" : `${(median / reference.median).toFixed(2)} x`,
            `${milliseconds(fastest)} to ${milliseconds(slowest)}`,
            work === null ? "" : `${(work / median / 1e6).toFixed(1)} GFLOP/s`,
          ],
    ),
  );
}

function milliseconds(value) {
  return value < 1 ? value.toFixed(3) : value < 100 ? value.toFixed(2) : value.toFixed(0);
}

/** The first column to the left, numbers to the right, what follows a lone dash as it is. */
function printRows(rows) {
  const widths = [];
  for (const row of rows.filter(([, second]) => second !== "-")) {
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  }
  widths[0] = Math.max(...rows.map(([first]) => first.length));
  for (const [first, ...rest] of rows) {
    const cells = rest[0] === "-" ? rest : rest.map((text, index) => text.padStart(widths[index + 1]));
    console.log(`  ${first.padEnd(widths[0])}  ${cells.join("  ").trimEnd()}`);
  }
  console.log("");
}
