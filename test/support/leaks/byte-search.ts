import { unicodeEscaped } from './written-forms.js';

/** Shorter pieces could be there by chance. */
const MIN_PIECE = 10;

interface Needle {
  readonly name: string;
  readonly text: string;
}

/**
 * Looks for secrets in bytes, without regard to case: for each piece of a secret that no encoding of its neighbours
 * changes, as it is, escaped, in hex, reversed, and in base64 at each alignment.
 */
export class ByteSearch {
  readonly #byHead = new Map<string, Needle[]>();

  constructor(secrets: ReadonlyMap<string, string | Buffer>) {
    for (const [name, secret] of secrets) {
      for (const [form, text] of formsOf(secret)) this.#add({ name: `${name} (${form})`, text: text.toLowerCase() });
    }
  }

  /** Names of the secrets, and how each was written. */
  in(bytes: Buffer | string): string[] {
    const text = (typeof bytes === 'string' ? bytes : bytes.toString('latin1')).toLowerCase();
    const found = new Set<string>();
    for (let at = 0; at + MIN_PIECE <= text.length; at += 1) {
      for (const needle of this.#byHead.get(text.slice(at, at + 4)) ?? []) {
        if (text.startsWith(needle.text, at)) found.add(needle.name);
      }
    }
    return [...found];
  }

  #add(needle: Needle): void {
    const head = needle.text.slice(0, 4);
    this.#byHead.set(head, [...(this.#byHead.get(head) ?? []), needle]);
  }
}

function formsOf(secret: string | Buffer): (readonly [form: string, text: string])[] {
  if (Buffer.isBuffer(secret)) return [['raw', secret.toString('latin1')], ...binaryForms(secret)];
  const pieces = (secret.match(/[A-Za-z0-9]+/g) ?? []).filter((piece) => piece.length >= MIN_PIECE);
  return pieces.flatMap((piece) => textForms(piece).concat(binaryForms(Buffer.from(piece))));
}

function textForms(piece: string): (readonly [form: string, text: string])[] {
  return [
    ['raw', piece],
    ['reversed', piece.split('').toReversed().join('')],
    ['escaped', unicodeEscaped(piece)],
  ];
}

function binaryForms(bytes: Buffer): (readonly [form: string, text: string])[] {
  return [
    ['hex', bytes.toString('hex')],
    ...[0, 1, 2].flatMap((offset) =>
      (['base64', 'base64url'] as const).map(
        (alphabet) => [`${alphabet} at ${offset}`, inside(bytes, offset, alphabet)] as const,
      ),
    ),
  ];
}

/** The part of base64 that the bytes alone decide where they lie `offset` bytes into a group of three. */
function inside(bytes: Buffer, offset: number, alphabet: 'base64' | 'base64url'): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString(alphabet);
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}
