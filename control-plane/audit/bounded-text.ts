/** Groups of one person, policies of one decision. */
const MAX_ITEMS = 1_000;

/**
 * A copy in which every text is well-formed Unicode of at most `limit` UTF-16 units, every list of at most a thousand items
 * and every number finite. What
 * clients say of themselves ends up in records: it must neither break their canonical form nor fill the disk.
 */
export function bounded<T extends object>(value: T, limit: number): T {
  const fields = Object.entries(value).flatMap(([key, field]: [string, unknown]) => {
    const kept = boundedValue(field, limit);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return Object.fromEntries(fields) as T;
}

function boundedValue(value: unknown, limit: number): unknown {
  if (typeof value === 'string') return boundedText(value, limit);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => boundedText(String(item), limit));
  return typeof value === 'object' && value !== null ? bounded(value, limit) : undefined;
}

function boundedText(text: string, limit: number): string {
  return (text.length > limit ? `${text.slice(0, limit - 1)}…` : text).toWellFormed();
}
