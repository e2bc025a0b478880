const WIDTH = 120;
export const GAP = '  ';

/** Rows of one table, as lines of at most 120 columns. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = fit((rows[0] ?? []).map((_title, column) => Math.max(...rows.map((row) => row[column]!.length))));
  return rows.map((row) =>
    row
      .map((text, column) => cell(text, widths[column]!))
      .join(GAP)
      .trimEnd(),
  );
}

/** The room that is left for a text beside one of `taken` columns and an indent. */
export function roomBeside(taken: number): number {
  return WIDTH - taken - 2 * GAP.length;
}

export function cell(text: string, width: number): string {
  return cut(text, width).padEnd(width);
}

export function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** Takes from the widest column until all fit. */
function fit(widths: readonly number[]): number[] {
  const fitted = [...widths];
  const room = WIDTH - GAP.length * (widths.length - 1);
  while (fitted.reduce((sum, width) => sum + width, 0) > room) fitted[fitted.indexOf(Math.max(...fitted))]! -= 1;
  return fitted;
}
