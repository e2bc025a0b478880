interface Portion<T> {
  readonly items: readonly T[];
  readonly body: string;
}

/** Of the texts in their order, as many in each body as `mostBytes` holds; one that is longer stands alone. */
export function bodiesOf(texts: readonly string[], mostBytes: number): string[] {
  return portionsOf(texts, (text) => text, mostBytes).map(({ body }) => body);
}

/** The same, with the items whose texts each body holds. */
export function portionsOf<T>(items: readonly T[], textOf: (item: T) => string, mostBytes: number): Portion<T>[] {
  const portions: { items: T[]; texts: string[]; bytes: number }[] = [];
  for (const item of items) {
    const text = textOf(item);
    const bytes = Buffer.byteLength(text);
    const last = portions.at(-1);
    if (last && last.bytes + bytes <= mostBytes) {
      last.items.push(item);
      last.texts.push(text);
      last.bytes += bytes;
    } else {
      portions.push({ items: [item], texts: [text], bytes });
    }
  }
  return portions.map((portion) => ({ items: portion.items, body: portion.texts.join('') }));
}
