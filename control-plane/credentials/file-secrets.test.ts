import { expect, test } from 'vitest';
import { fileSecrets } from './file-secrets.js';
import { redactText } from './redaction.js';

test('a file of one line is masked as a whole', () => {
  expect(fileSecrets('hunter2-hunter2\n')).toEqual(['hunter2-hunter2']);
  expect(fileSecrets('abc\n')).toEqual([]);
  for (const line of ['ab: cd', '{a: b}', '[abcd]', 'a = b']) expect(fileSecrets(line)).toEqual([line]);
});

test('of a key in PEM each line is masked', () => {
  const pem =
    '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSj\n-----END PRIVATE KEY-----\nAQ==\nremarks:\n';
  expect(fileSecrets(pem)).toEqual([
    '-----BEGIN PRIVATE KEY-----',
    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
    '-----END PRIVATE KEY-----',
    'BKcwggSj',
  ]);
});

test('of a service account’s JSON each long text is masked, the key line by line, short words are not', () => {
  const account = JSON.stringify({
    type: 'account',
    key: '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n',
    n: { id: '1' },
  });
  expect(fileSecrets(account)).toEqual([account, '-----BEGIN KEY-----', 'MIIEvQIBADANBgkqhkiG']);
  expect(fileSecrets(JSON.stringify(JSON.parse(account), undefined, 2))).toEqual([
    '-----BEGIN KEY-----',
    'MIIEvQIBADANBgkqhkiG',
  ]);
});

test('of an assignment the value alone is masked too', () => {
  const found = fileSecrets(
    'REGION=eu\nexport API_TOKEN="token-of-the-whole-company"\npassword: another-long-password\n',
  );
  expect(found).toContain('token-of-the-whole-company');
  expect(found).toContain('another-long-password');
  expect(found).not.toContain('eu');
});

/** Ways in which a server may show a piece of its file. */
const SHOWN: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'in a JSON string': (text) => JSON.stringify(text),
  'in hex': (text) => Buffer.from(text).toString('hex'),
  'in base64': (text) => Buffer.from(text).toString('base64'),
  'in base64, one byte on': (text) => Buffer.from(` ${text}`).toString('base64url'),
  'in base64, two bytes on': (text) => Buffer.from(`: ${text}`).toString('base64'),
  reversed: (text) => Array.from(text).toReversed().join(''),
  'percent-encoded': encodeURIComponent,
};

const START = 'Kt7uQ2mX9w';
const END = 'Zr4vB8nL1p';
const meant = (between: string): string => `${START}${between}${END}`;

/** What of the file can still be read of a secret whose both ends are letters and digits. */
function leaksOf(file: string, pieces: readonly string[]): string[] {
  const secrets = fileSecrets(file);
  const ends = Object.values(SHOWN).flatMap((show) => [START, END].map(show));
  return Object.entries(SHOWN).flatMap(([name, show]) =>
    pieces
      .filter((piece) => ends.some((end) => redactText(secrets, show(piece)).includes(end)))
      .map((piece) => `${name}: ${piece}`),
  );
}

test.each([
  ['JSON', JSON.stringify({ client_secret: meant('"<\\&>') }), meant('"<\\&>')],
  ['JSON over several lines', JSON.stringify({ a: [{ token: meant('\\"/') }] }, undefined, 2), meant('\\"/')],
  ['JSON with escapes of its own', `{"token": "${START}\\u003c\\/\\"${END}"}`, meant('</"')],
  ['JSON with an escaped backslash before n', `{"token": "${START}\\\\n${END}"}`, meant('\\n')],
  ['YAML, double quotes', `a:\n  token: "${START}\\"\\x3c\\\\${END}" # new\n`, meant('"<\\')],
  ['YAML, single quotes', `a: 1\ntoken: '${START}''"${END}'\n`, meant(`'"`)],
  ['YAML, no quotes', `a: 1\ntoken: ${START}\\"${END} # new\n`, meant('\\"')],
  ['.env, double quotes', `A=1\nexport TOKEN="${START}\\"\\\\\\$${END}" # new\n`, meant('"\\$')],
  ['.env, single quotes', `A=1\nTOKEN='${START}"\\${END}'\n`, meant('"\\')],
  ['INI', `[default]\naws_secret_access_key = ${START}/+"\\${END} ; new\n`, meant('/+"\\')],
])('attack: a server shows a value of a file in %s, as it means or as the file has it', (_, file, value) => {
  const spelled = file.slice(file.indexOf(START), file.indexOf(END) + END.length);
  expect(leaksOf(file, [value, spelled])).toEqual([]);
});

test('attack: a short password is masked where its name says that it is one, and words are not', () => {
  for (const file of [
    '{"user":"service-1","password":"hunter2-h"}',
    'user: service-1\npassword: hunter2-h\n',
    'USER=service-1\nDB_PASSWORD=hunter2-h\n',
    'USER=service-1\nDB=postgres://service-1:hunter2-h@db.test/crm\n',
  ]) {
    expect(redactText(fileSecrets(file), 'service-1 failed with hunter2-h')).toBe('service-1 failed with [redacted]');
  }
});

test('attack: many harmless values before a secret leave it masked', () => {
  const values = Array.from({ length: 500 }, (_, at) => [`name-${at}`, `a-harmless-value-${at}`] as const);
  expect(fileSecrets(JSON.stringify({ ...Object.fromEntries(values), token: meant('-') }))).toContain(meant('-'));
});

test('attack: what is longer than one text that is looked for is masked to its end', () => {
  const long = Array.from({ length: 2000 }, (_, at) => `${at}x`).join('') + END;
  expect(leaksOf(`${long}\n`, [long])).toEqual([]);
});

test('a file that is broken, or spreads itself by aliases, is masked by its lines', () => {
  const line = 'token: an-unfinished-token';
  expect(fileSecrets(`{"a": 1\n${line}\n`)).toContain('an-unfinished-token');
  const bomb = Array.from({ length: 12 }, (_, at) => `k${at + 1}: &k${at + 1} [*k${at}, *k${at}, *k${at}]`);
  expect(fileSecrets(`k0: &k0 [a]\n${bomb.join('\n')}\n${line}`)).toContain('an-unfinished-token');
});
