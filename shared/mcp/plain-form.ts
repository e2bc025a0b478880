/**
 * What is left of a key when case and invisible characters are taken away, as some servers do (Go's `encoding/json`,
 * case-insensitive .NET). Upper case first, because only that maps `ſ` to its letter.
 */
export function plainForm(key: string): string {
  return key.replaceAll(/\p{C}/gu, '').toUpperCase().toLowerCase();
}
