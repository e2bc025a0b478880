import { expect, test } from 'vitest';
import { formatVerifierKey, openNote } from './signed-note.js';

// The example of the reference implementation (golang.org/x/mod/sumdb/note).
const KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNATURE = 'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=';
const NOTE = `${TEXT}\n— PeterNeumann ${SIGNATURE}\n`;

test('a note signed by the reference implementation opens', () => {
  expect(openNote(NOTE, KEY)).toBe(TEXT);
});

test('a verifier key is written as the reference implementation writes it', () => {
  const raw = Buffer.from('ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'base64').subarray(1);
  expect(formatVerifierKey('PeterNeumann', raw)).toBe(KEY);
});

test('a note with one more signature, of somebody unknown, opens all the same', () => {
  expect(
    openNote(
      `${TEXT}\n— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2t\n— PeterNeumann ${SIGNATURE}\n`,
      KEY,
    ),
  ).toBe(TEXT);
});

const UNKNOWN = '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2t';

test.each([
  ['a line that is no signature', `${NOTE}hello\n`, KEY],
  ['an empty line among the signatures', NOTE.replace('\n\n', `\n\n${UNKNOWN}\n\n`), KEY],
  [
    'a second signature of the key, which is not good',
    `${NOTE}— PeterNeumann ${SIGNATURE.replace('AQxVB', 'AQxVC')}\n`,
    KEY,
  ],
  ['its signature twice', `${NOTE}— PeterNeumann ${SIGNATURE}\n`, KEY],
  ['another spelling of its signature', NOTE.replace('wJnAM=', 'wJnAN='), KEY],
  ['more signatures than a note has', `${NOTE}${`${UNKNOWN}\n`.repeat(100)}`, KEY],
  ['one letter of the text changed', NOTE.replace('answer', 'enswer'), KEY],
  ['the signature under another name', NOTE.replace('— PeterNeumann', '— EnochRoot'), KEY],
  ['one letter of the signature changed', NOTE.replace('AxVBtiF', 'BxVBtiF').replace('IAQxVB', 'IAQxVC'), KEY],
  ['no signature', `${TEXT}\n`, KEY],
  ['no final newline', NOTE.slice(0, -1), KEY],
  ['not a note', 'hello', KEY],
  ['a key whose id is not its own', NOTE, KEY.replace('c74f20a3', 'c74f20a4')],
  ['a key of another algorithm', NOTE, 'PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
  ['not a key', NOTE, 'hello'],
])('refused: %s', (_case, note, key) => {
  expect(openNote(note, key)).toBeUndefined();
});
