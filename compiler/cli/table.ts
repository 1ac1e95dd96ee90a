/** Plain text tables: columns as wide as their longest cell, numbers to the right. */

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...rows.map((row) => (row[index] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? "";
        const width = widths[index] ?? 0;
        return column.align === "right" ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  return [line(columns.map((column) => column.title)), rule, ...rows.map(line)].join("\n");
}

/** 61706 -> 61,706 */
export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
