import { hexOf, joined, jsonEscapesOf, optional, spellingsOf, type Encoding } from './spellings.js';

/** Shorter secrets have no reliable inside in base64: only their whole encoding is looked for. */
const MIN_PARTIAL = 8;

/** Every encoding of a secret that is looked for. */
export function encodingsOf(secret: string): Encoding[] {
  const bytes = Buffer.from(secret);
  const partial = secret.length >= MIN_PARTIAL;
  return [
    spellingsOf(secret),
    jsonEscapesOf(secret),
    hexOf(bytes),
    spellingsOf(Array.from(secret).toReversed().join('')),
    ...(partial ? [0, 1, 2] : [0]).flatMap((offset) => [
      aligned(bytes, offset, 'base64', partial),
      aligned(bytes, offset, 'base64url', partial),
    ]),
  ];
}

/**
 * Base64 of the bytes when they lie `offset` bytes into a group of three: the characters that they alone decide,
 * then, where the text ends with them, the closing character and its padding. A character shared with a neighbour
 * (at most four bits at each end) can't be known.
 */
function aligned(bytes: Buffer, offset: number, alphabet: 'base64' | 'base64url', partial: boolean): Encoding {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString(alphabet)
    .replaceAll('=', '');
  const start = Math.ceil((offset * 8) / 6);
  const end = Math.floor(((offset + bytes.length) * 8) / 6);
  const inside = spellingsOf(encoded.slice(start, end));
  const closing = [...spellingsOf(encoded.slice(end)).units()];
  if (closing.length === 0) return inside;
  const padding = [...spellingsOf('='.repeat((4 - (encoded.length % 4)) % 4)).units()];
  const tail = [...closing, optional(padding)];
  const last = partial ? optional(tail) : joined(tail);
  return {
    *units() {
      yield* inside.units();
      yield last;
    },
    longest: inside.longest + last.longest,
  };
}
