/** What anyone may have written, as one short line without control or direction characters; null where nothing is left. */
export function shortLine(text: unknown, most: number): string | null {
  if (typeof text !== 'string') return null;
  const line = text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, most);
  return line === '' ? null : line.toWellFormed();
}
