/** Durations of one thing done many times, in milliseconds. */
export class Figures {
  readonly #values: number[];

  constructor(values: readonly number[]) {
    this.#values = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  }

  get n(): number {
    return this.#values.length;
  }

  /** The smallest value that at least this share of all values does not exceed. */
  quantile(share: number): number {
    const index = Math.max(0, Math.ceil(this.#values.length * share) - 1);
    return this.#values[index] ?? Number.NaN;
  }
}

/** A row of the table: what was measured, and what it should be at the median where there is an aim. */
export interface Row {
  what: string;
  figures: Figures;
  aim?: number;
}

/** A table of rows for a terminal. An aim holds for the median, four times of it for p95. */
export function table(rows: Row[]): string {
  const lines = [["what (ms)", "median", "p95", "n", "aim", ""]];
  for (const { what, figures, aim } of rows) {
    const [median, p95] = [figures.quantile(0.5), figures.quantile(0.95)];
    const met = aim === undefined ? "" : median <= aim && p95 <= 4 * aim ? "met" : "missed";
    lines.push([what, median.toFixed(1), p95.toFixed(1), String(figures.n), aim === undefined ? "" : String(aim), met]);
  }
  return columns(lines);
}

/** Lines of cells in columns; the first column to the left, numbers to the right. */
export function columns(lines: string[][]): string {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map((line) =>
      line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
    )
    .map((line) => line.trimEnd())
    .join("\n");
}
