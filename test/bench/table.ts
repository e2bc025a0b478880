/** One figure of the bench. */
export interface Row {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  /** What the value is: a ratio, or a unit. */
  readonly unit: 'x' | 'ms';
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
  /** The absolute figures behind it. */
  readonly detail: string;
}

/** Prints the rows, with the target of each and by how much it is missed. */
export function printTable(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const row of rows) {
    const value = `${row.value.toFixed(2)} ${row.unit}`.padStart(9);
    console.log(`${row.what.padEnd(width)}  ${value}  ${verdict(row).padEnd(26)}  ${row.detail}`);
  }
}

function verdict({ target, value }: Row): string {
  if (target === undefined) return '';
  if ('atLeast' in target)
    return value >= target.atLeast ? `≥ ${target.atLeast}: met` : missed(`≥ ${target.atLeast}`, target.atLeast - value);
  return value <= target.atMost ? `≤ ${target.atMost}: met` : missed(`≤ ${target.atMost}`, value - target.atMost);
}

function missed(target: string, by: number): string {
  return `${target}: missed by ${by.toFixed(2)}`;
}
