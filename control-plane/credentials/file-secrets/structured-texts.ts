import { isMap, isPair, isScalar, parseDocument, visit, type Scalar } from 'yaml';
import type { NamedText } from './named-text.js';

/** In double quotes: an escape, and whether it is one of a line break. */
const ESCAPE = /\\(?:([nr])|.)/gs;

/**
 * Each text of a JSON object or a YAML mapping: as it means, and where the file writes it with escapes also as it is written there, because
 * whoever shows bytes of the file in hex or base64 shows those. Empty for anything else.
 */
export function structuredTexts(content: string): NamedText[] {
  const document = parseDocument(content, { logLevel: 'silent', uniqueKeys: false, schema: 'failsafe' });
  if (document.errors.length > 0 || !isMap(document.contents)) return [];
  const texts: NamedText[] = [];
  visit(document, {
    Scalar: (key, scalar, path) => {
      if (key === 'key' || typeof scalar.value !== 'string') return;
      const pair = path.findLast((step) => isPair(step));
      const name = isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : '';
      for (const text of [scalar.value, ...written(content, scalar)]) texts.push({ name, text });
    },
  });
  return texts;
}

/** What stands between the quotes; what the file writes as an escaped line break is one. */
function written(content: string, { range, type }: Scalar): string[] {
  const quoted = range ? content.slice(range[0] + 1, range[1] - 1) : '';
  if (type === 'QUOTE_SINGLE') return [quoted];
  if (type !== 'QUOTE_DOUBLE') return [];
  return [quoted.replaceAll(ESCAPE, (escape, isBreak) => (isBreak === undefined ? escape : '\n'))];
}
