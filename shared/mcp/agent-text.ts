/** UTF-16 units of one id or name that an app gives to its agents. */
const MAX_TEXT = 128;

/** An app's word about its agents: cut, and without control or direction characters; undefined where nothing is left. */
export function agentText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value
    .slice(0, MAX_TEXT * 2)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .slice(0, MAX_TEXT);
  return text === '' ? undefined : text;
}
