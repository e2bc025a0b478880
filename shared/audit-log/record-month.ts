const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;

/** Epoch milliseconds at which a record was made, from its id (UUID v7, RFC 9562 §5.7). */
function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The month (UTC) of a record, by its id: `2026-11`. */
export function monthOf(id: string): string {
  return monthAt(timeOf(id));
}

/** The month (UTC) of a time in epoch milliseconds. */
export function monthAt(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

/** Epoch milliseconds of the first moment of a month, and of the month after it. NaN for anything but a month. */
export function boundsOf(month: string): { readonly start: number; readonly end: number } {
  const [, year, number] = MONTH.exec(month) ?? [];
  return { start: Date.UTC(Number(year), Number(number) - 1), end: Date.UTC(Number(year), Number(number)) };
}

/** The month after. */
export function nextMonth(month: string): string {
  return monthAt(boundsOf(month).end);
}

/** An id that is below those of all records made from then on, and above those made before. `ms`: epoch milliseconds. */
export function firstIdAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
