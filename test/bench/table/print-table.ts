import type { Row, Section } from './row.js';

/** The table as text: value and target beside each other, and by how much a target is missed. */
export function tableOf(sections: readonly Section[]): string {
  const rows = sections.flatMap((section) => section.rows);
  const width = Math.max(...rows.map(({ what }) => what.length));
  return sections
    .map(({ title, rows: own }) => [title, ...own.map((row) => `  ${lineOf(row, width)}`)].join('\n'))
    .join('\n\n');
}

function lineOf(row: Row, width: number): string {
  const value = row.value === null ? '–' : `${row.value.toFixed(2)} ${row.unit}`;
  const [detail = '', ...more] = row.detail.split('\n');
  const line = `${row.what.padEnd(width)}  ${value.padStart(9)}  ${verdict(row).padEnd(24)}  ${detail}`.trimEnd();
  return [line, ...more.map((text) => `      ${text}`)].join('\n');
}

/** Whether the target is met, as the table says it; empty without a target. */
export function verdict({ target, value, unit }: Row): string {
  if (target === undefined) return '';
  const [sign, wanted] = 'atLeast' in target ? (['≥', target.atLeast] as const) : (['≤', target.atMost] as const);
  const asked = `${sign} ${Number(wanted.toFixed(2))}`;
  if (value === null) return asked;
  const lacking = sign === '≥' ? wanted - value : value - wanted;
  return lacking <= 0 ? `${asked}: met` : `${asked}: missed by ${lacking.toFixed(2)}${unit === 'x' ? '' : ` ${unit}`}`;
}
