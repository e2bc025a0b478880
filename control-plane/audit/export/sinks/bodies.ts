/** Of the texts in their order, as many in each body as `mostBytes` holds; one that is longer stands alone. */
export function bodiesOf(texts: readonly string[], mostBytes: number): string[] {
  const bodies: { texts: string[]; bytes: number }[] = [];
  for (const text of texts) {
    const bytes = Buffer.byteLength(text);
    const last = bodies.at(-1);
    if (last && last.bytes + bytes <= mostBytes) {
      last.texts.push(text);
      last.bytes += bytes;
    } else {
      bodies.push({ texts: [text], bytes });
    }
  }
  return bodies.map((body) => body.texts.join(''));
}
