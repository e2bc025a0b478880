/** Who acts for the subject (RFC 8693 §4.1), the nearest outermost; `actors` in the same order, at least one. */
export function actClaim(actors: readonly string[]): Record<string, unknown> {
  return actors.reduceRight<Record<string, unknown>>(
    (act, sub) => (Object.keys(act).length === 0 ? { sub } : { sub, act }),
    {},
  );
}
