/** A value of a table: numbers carry the unit of their column's name. */
export type Cell = number | string;

export interface Row {
  readonly name: string;
  readonly [column: string]: Cell;
}

/** A figure that has a target. */
export interface Verdict {
  readonly name: string;
  readonly value: number;
  readonly atMost: number;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
  /** What a reader of the rows has to know. */
  readonly notes?: readonly string[];
}

/** A section as lines of text: its rows under their columns, then its targets. */
export function toText({ title, rows, verdicts, notes = [] }: Section): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [
    columns.map((column) => (column === "name" ? "" : column)),
    ...rows.map((row) => columns.map((column) => show(row[column]))),
  ];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const table = lines.map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  return [`── ${title}`, ...table, ...notes, ...verdicts.map(showVerdict), ""].join("\n");
}

function show(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  return typeof cell === "string" ? cell : round(cell);
}

function showVerdict({ name, value, atMost }: Verdict): string {
  return `${value <= atMost ? "ok  " : "MISS"} ${name}: ${round(value)} (target: at most ${atMost})`;
}

/** Three digits are more than the machine's noise leaves. */
function round(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
