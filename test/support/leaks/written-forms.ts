/** A secret as programs write it down. The list is the tests' own: what masks secrets is not asked. */
export function writtenForms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    jsonEscaped(secret),
    jsonEscaped(jsonEscaped(secret)),
    unicodeEscaped(secret),
    unicodeEscaped(secret).toUpperCase().replaceAll('\\U', '\\u'),
    encodeURIComponent(secret),
    encodeURIComponent(encodeURIComponent(secret)),
    new URLSearchParams({ k: secret }).toString().slice(2),
    html(secret),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    Array.from(secret).toReversed().join(''),
    ...(['base64', 'base64url'] as const).flatMap((alphabet) => [
      bytes.toString(alphabet),
      Buffer.from(`a${secret}`).toString(alphabet),
      Buffer.from(`ab${secret}`).toString(alphabet),
      Buffer.from(`user:${secret}\r\n`).toString(alphabet),
    ]),
  ];
}

/** The first of the texts, each whole: half a secret is another text, which whoever cuts it answers for. */
export function asManyAsFit(texts: readonly string[], length: number): string {
  let fitting = '';
  for (const text of texts) if (fitting.length + 1 + text.length <= length) fitting += `+${text}`;
  return fitting.slice(1);
}

function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Every character as an escape of JSON. */
export function unicodeEscaped(text: string): string {
  return Array.from(text, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
}

function html(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!);
}
