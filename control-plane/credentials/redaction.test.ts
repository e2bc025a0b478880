import { expect, test } from 'vitest';
import { createRedactor, redactText } from './redaction.js';

const TOKEN = 'ghp_A1b2C3d4E5f6G7h8';
const AWKWARD = 'pä"s/s\\w+o r=d&1';
const SECRETS = [TOKEN, AWKWARD];

const base64 = (text: string) => Buffer.from(text).toString('base64');
const ENCODINGS: Record<string, string> = {
  raw: TOKEN,
  'percent-encoded': encodeURIComponent(AWKWARD),
  'percent-encoded in lower case': encodeURIComponent(AWKWARD).toLowerCase(),
  'percent-encoded twice': encodeURIComponent(encodeURIComponent(AWKWARD)),
  'form-encoded': new URLSearchParams({ q: AWKWARD }).toString(),
  'in a URL': new URL(`https://x.example/?q=${encodeURIComponent(AWKWARD)}`).href,
  JSON: JSON.stringify({ a: AWKWARD }),
  'JSON in JSON': JSON.stringify({ a: JSON.stringify({ b: AWKWARD }) }),
  'JSON with escaped slashes': JSON.stringify(AWKWARD).replaceAll('/', String.raw`\/`),
  'JSON in ASCII': JSON.stringify(AWKWARD).replace('ä', String.raw`\u00e4`),
  'JSON as .NET writes it': String.raw`"p\u00E4\u0022s/s\\w\u002Bo r=d\u00261"`,
  'JSON with every character escaped': Array.from(TOKEN)
    .map((c) => `\\u00${c.charCodeAt(0).toString(16)}`)
    .join(''),
  'the same in upper case': Array.from(TOKEN)
    .map((c) => `\\u00${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .join(''),
  hex: Buffer.from(TOKEN).toString('hex'),
  'upper-case hex': Buffer.from(AWKWARD).toString('hex').toUpperCase(),
  base64: base64(TOKEN),
  'base64 without padding': base64(TOKEN).replaceAll('=', ''),
  base64url: Buffer.from(AWKWARD).toString('base64url'),
  'base64 after one byte': base64(`:${TOKEN} and more`),
  'base64 after two bytes': base64(`a:${TOKEN} and more`),
  'base64 after three bytes': base64(`ab:${TOKEN} and more`),
  'base64 at the end, after one byte': base64(`:${TOKEN}`),
  'base64 at the end, after two bytes': base64(`a:${TOKEN}`),
  'base64url after two bytes': Buffer.from(`a:${AWKWARD}?`).toString('base64url'),
  'base64, percent-encoded': encodeURIComponent(base64(AWKWARD)),
  HTML: 'pä&quot;s/s\\w+o r=d&amp;1',
  reversed: Array.from(TOKEN).toReversed().join(''),
};

const whole = (text: string, secrets: readonly string[] = SECRETS): string => redactText(secrets, text);

function inPieces(bytes: Buffer, borders: readonly number[]): string {
  const redactor = createRedactor(SECRETS);
  const starts = [0, ...borders];
  const pieces = starts.map((start, index) => redactor.write(bytes.subarray(start, borders[index] ?? bytes.length)));
  return Buffer.concat([...pieces, redactor.end()]).toString();
}

test.each(Object.entries(ENCODINGS))('%s: masked, whatever the chunks', (_, spelled) => {
  const text = `{"é":"${spelled}","after":"ok"}`;
  const masked = whole(text);
  expect(masked.match(/\[redacted\]/g)).toHaveLength(1);
  expect(masked.startsWith('{"é":"')).toBe(true);
  expect(masked.endsWith('"after":"ok"}')).toBe(true);
  expect(masked.replace('[redacted]', '')).not.toContain(spelled.slice(spelled.length / 3, spelled.length / 2));
  const bytes = Buffer.from(text);
  for (let border = 0; border <= bytes.length; border += 1) expect(inPieces(bytes, [border])).toBe(masked);
  expect(
    inPieces(
      bytes,
      Array.from({ length: bytes.length - 1 }, (__, at) => at + 1),
    ),
  ).toBe(masked);
});

test('the literal results', () => {
  expect(whole(`a ${TOKEN} b ${TOKEN}`)).toBe('a [redacted] b [redacted]');
  expect(whole(JSON.stringify({ a: AWKWARD }))).toBe('{"a":"[redacted]"}');
  expect(whole(`q=${encodeURIComponent(AWKWARD)}&r=1`)).toBe('q=[redacted]&r=1');
  expect(whole(`"${base64(TOKEN)}"`)).toBe('"[redacted]"');
  expect(whole(Buffer.from(TOKEN).toString('hex'))).toBe('[redacted]');
});

test('a JSON text stays a JSON text', () => {
  const text = JSON.stringify({ a: AWKWARD, b: [`x${TOKEN}\n`], c: JSON.stringify({ d: AWKWARD }) });
  expect(JSON.parse(whole(text))).toEqual({ a: '[redacted]', b: ['x[redacted]\n'], c: '{"d":"[redacted]"}' });
});

test('bytes without a secret pass as they are, also when they are no text', () => {
  const redactor = createRedactor(SECRETS);
  const bytes = Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28, ...Buffer.from('日本語 🙂 ghp_A1b2C3d4E5f6G7h'), 0x80]);
  const passed = Buffer.concat([
    redactor.write(bytes.subarray(0, 9)),
    redactor.write(bytes.subarray(9)),
    redactor.end(),
  ]);
  expect(passed.equals(bytes)).toBe(true);
  expect(redactor.hits).toBe(0);
});

test('a line break releases everything before it', () => {
  const redactor = createRedactor(SECRETS);
  const event = 'data: {"progress":1}\n\n';
  expect(redactor.write(Buffer.from(event)).toString()).toBe(event);
  expect(redactor.write(Buffer.from('data: ghp_A1b2')).toString()).toBe('');
  expect(redactor.write(Buffer.from('C3d4E5f6G7h8\n\n')).toString()).toBe('data: [redacted]\n\n');
  expect(redactor.end()).toHaveLength(0);
});

test('the end gives out what was held back', () => {
  const redactor = createRedactor(SECRETS);
  expect(redactor.write(Buffer.from('ghp_A1b2')).toString()).toBe('');
  expect(redactor.end().toString()).toBe('ghp_A1b2');
  expect(redactor.end()).toHaveLength(0);
});

test('what is held back is at most one longest spelling', () => {
  const redactor = createRedactor([TOKEN]);
  const sent = redactor.write(Buffer.alloc(100_000, 'x')).length;
  expect(sent).toBe(100_000 - (20 * 9 - 1));
});

test('a chunk may be reused by its owner at once', () => {
  const redactor = createRedactor(SECRETS);
  const chunk = Buffer.from('ghp_A1b2C3d4');
  redactor.write(chunk);
  chunk.fill('x');
  expect(Buffer.concat([redactor.write(Buffer.from('E5f6G7h8')), redactor.end()]).toString()).toBe('[redacted]');
});

test('of secrets that begin alike the one that stands there is masked, whole', () => {
  const alike = ['sk-live-0123456789-a', 'sk-live-0123456789-abc', 'sk-live-0123456789-b'];
  expect(whole('sk-live-0123456789-abc sk-live-0123456789-b sk-live-0123456789-c', alike)).toBe(
    '[redacted] [redacted] sk-live-0123456789-c',
  );
});

test('secrets that overlap, contain or repeat each other leave nothing', () => {
  const overlapping = ['abcdefgh', 'fghijklm'];
  expect(whole('<abcdefghijklm>', overlapping)).toBe('<[redacted]>');
  expect(whole('<aaaaaaaaaaaa>', ['aaaaaaaa'])).toBe('<[redacted]>');
  expect(whole('<key-1234 key-1234-long>', ['key-1234', 'key-1234-long'])).toBe('<[redacted] [redacted]>');
  for (let border = 0; border <= 15; border += 1) {
    const redactor = createRedactor(overlapping);
    const bytes = Buffer.from('<abcdefghijklm>');
    const out = [redactor.write(bytes.subarray(0, border)), redactor.write(bytes.subarray(border)), redactor.end()];
    expect(Buffer.concat(out).toString()).toBe('<[redacted]>');
    expect(redactor.hits).toBe(1);
  }
});

test('of a short secret only whole encodings are masked', () => {
  expect(whole('pin-1 and pin', ['pin-1'])).toBe('[redacted] and pin');
  expect(whole(base64('pin-1'), ['pin-1'])).toBe('[redacted]');
  expect(whole(base64('xpin-1y'), ['pin-1'])).toBe(base64('xpin-1y'));
});

test('signs of regular expressions in a secret are only signs', () => {
  expect(whole('.*+?^${}()|[] and anything', ['.*+?^${}()|[]'])).toBe('[redacted] and anything');
  expect(whole('aXb', ['a.b.c.d.'])).toBe('aXb');
});

test('a hostile text can’t make the search explode', () => {
  const secret = `${'\\'.repeat(40)}"${'\\'.repeat(40)}/end`;
  const text = '\\'.repeat(20_000);
  expect(whole(text, [secret])).toBe(text);
});

test('attack: a server that knows a long secret of one letter can’t keep the masking busy, nor see it', () => {
  const secret = 'a'.repeat(8192);
  const masked = whole(`<${'a'.repeat(2_000_000)}>`, [secret]);
  expect(masked).toMatch(/^<\[redacted\]/);
  expect(masked).not.toContain(secret);
  const redactor = createRedactor([secret]);
  const sent = Array.from(`<${'a'.repeat(9000)}>`, (letter) => redactor.write(Buffer.from(letter)));
  expect(Buffer.concat([...sent, redactor.end()]).toString()).not.toContain(secret);
});

test('a secret of the largest size is found', () => {
  const secret = Array.from({ length: 8192 }, (_, at) => '0aZ+/="\\ _-.'.charAt((at * 7) % 12)).join('');
  expect(whole(`<${secret}>`, [secret])).toBe('<[redacted]>');
  expect(whole(`<${base64(`:${secret}`)}>`, [secret]).length).toBeLessThan(20);
  const other = `${secret.slice(0, -1)}!`;
  expect(whole(`<${other}>`, [secret])).toBe(`<${other}>`);
});

test('without secrets everything passes, and a text is the same text', () => {
  expect(createRedactor([]).write(Buffer.from('a')).toString()).toBe('a');
  expect(redactText([''], 'half \ud800 pair')).toBe('half \ud800 pair');
  expect(redactText(SECRETS, 'half \ud800 pair')).toBe('half \ud800 pair');
});

test('JSON inside of JSON inside of a message: each quote and backslash is escaped three times', () => {
  const secret = 'S0123456789abcdef"<&>\'/+%= \\fedcba9876543210';
  const text = JSON.stringify({ text: JSON.stringify({ body: JSON.stringify({ secret }) }) });
  expect(redactText([secret], text)).toBe(String.raw`{"text":"{\"body\":\"{\\\"secret\\\":\\\"[redacted]\\\"}\"}"}`);
});

test('a token that more others have followed than are kept is masked in every list that holds it', () => {
  const masked = (): string => whole(`<${TOKEN} ${base64(`:${TOKEN}`)}>`, [TOKEN]);
  const first = masked();
  expect(first).toBe('<[redacted] Om[redacted]>');
  for (let other = 0; other <= 200; other += 1) whole('-', [`another-token-${other}`]);
  expect(masked()).toBe(first);
  expect(whole(`<${TOKEN}-${AWKWARD}>`, [AWKWARD, TOKEN])).toBe('<[redacted]-[redacted]>');
});
