import { expect, test } from 'vitest';
import { fileSecrets } from './file-secrets.js';

test('a file of one line is masked as a whole', () => {
  expect(fileSecrets('hunter2-hunter2\n')).toEqual(['hunter2-hunter2']);
  expect(fileSecrets('abc\n')).toEqual([]);
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
  expect(fileSecrets(account)).toEqual(['-----BEGIN KEY-----', 'MIIEvQIBADANBgkqhkiG']);
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
