/** Bytes of JSON that one answer of the API may have, well below what the CLI accepts (1 MiB). */
const MAX_BYTES = 700_000;

/** The leading items that fit one answer together; at least one, so that a reader always gets on. */
export function fitPage<T>(items: readonly T[]): T[] {
  let bytes = 0;
  const end = items.findIndex((item, index) => {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    return index > 0 && bytes > MAX_BYTES;
  });
  return items.slice(0, end < 0 ? items.length : end);
}
