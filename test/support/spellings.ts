/** The ways in which a secret may be written: [name, text]. Compared without regard to case. */
export function spellings(secret: string): readonly (readonly [name: string, text: string])[] {
  const bytes = Buffer.from(secret);
  return [
    ['raw', secret],
    ['hex', bytes.toString('hex')],
    ['URL-encoded', encodeURIComponent(secret)],
    ['form-encoded', new URLSearchParams({ k: secret }).toString().slice(2)],
    ['JSON', JSON.stringify(secret).slice(1, -1)],
    ['reversed', secret.split('').toReversed().join('')],
    ['the raw core', secret.slice(4, -3)],
    ...[0, 1, 2].flatMap((offset) =>
      (['base64', 'base64url'] as const).map(
        (encoding) => [`${encoding} at offset ${offset}`, core(bytes, offset, encoding)] as const,
      ),
    ),
  ];
}

/** The part of an encoding that does not depend on the neighbours, when the secret starts at this byte of a triple. */
function core(secret: Buffer, offset: number, encoding: 'base64' | 'base64url'): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), secret]).toString(encoding);
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + secret.length) * 8) / 6));
}
