import { expect, test } from 'vitest';
import { maskJson } from './mask-json.js';

test.each([
  ['{"user":"alice","password":"hunter2"}', '{"user":"alice","password":"[redacted]"}'],
  ['{"API-Key" : 12345, "b": 1}', '{"API-Key" :"[redacted]", "b": 1}'],
  ['{"client_secret":{"a":[1,{"b":"x}"}]},"c":true}', '{"client_secret":"[redacted]","c":true}'],
  ['{"tokens":["a","b"],"n":null}', '{"tokens":"[redacted]","n":null}'],
  ['{"pass\\u0077ord":"hunter2"}', '{"pass\\u0077ord":"[redacted]"}'],
  ['{"spinning":"x","authors":["y"]}', '{"spinning":"x","authors":["y"]}'],
  ['[{"PIN":"1234"},"pin"]', '[{"PIN":"[redacted]"},"pin"]'],
])('the values of secret-looking names are masked in %s', (text, masked) => {
  expect(maskJson(text)).toBe(masked);
});

test.each([
  ['ghp_0123456789abcdefghij0123', '[redacted]'],
  ['see AKIAIOSFODNN7EXAMPLE there', 'see [redacted] there'],
  ['Authorization: Bearer abcdefgh12345678', 'Authorization: [redacted]'],
  ['authorization: bearer abc\nnext', 'authorization: [redacted]\nnext'],
  ["curl -H 'Authorization: token 0123abc' https://x", "curl -H 'Authorization: [redacted]' https://x"],
  ['Cookie: theme=dark; session=abc; x=y\r\nHost: a', 'Cookie: [redacted]\r\nHost: a'],
  ['set-cookie: ghp_0123456789abcdefghij0123; session=abc', 'set-cookie: [redacted]'],
  ['see bearer 0123456789', 'see [redacted]'],
  ['eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.c2ln', '[redacted]'],
  ['url=https://x.example/?token=abc&page=2', 'url=https://x.example/?token=[redacted]&page=2'],
  ['postgres://app:s3cret@db.example/x', 'postgres://app:[redacted]@db.example/x'],
  ["db_password = 'two words' next", "db_password = '[redacted]' next"],
  ['-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\nafter', '[redacted]\nafter'],
  ['the password was changed', 'the password was changed'],
  ['a sketch-book of risk-management-of-all-kinds', 'a sketch-book of risk-management-of-all-kinds'],
])('what looks like a secret is masked in the text %s', (text, masked) => {
  expect(JSON.parse(maskJson(JSON.stringify({ text })))).toEqual({ text: masked });
});

test('JSON in a text in JSON is looked through', () => {
  const inner = JSON.stringify({ rows: [{ apiKey: { value: 'x1y2' }, name: 'n' }] });
  const text = JSON.stringify({ result: { content: [{ type: 'text', text: inner }] } });
  expect(JSON.parse(maskJson(text))).toEqual({
    result: { content: [{ type: 'text', text: '{"rows":[{"apiKey":"[redacted]","name":"n"}]}' }] },
  });
});

test('a text that was cut anywhere is masked as far as it goes', () => {
  const text = '{"a":"x","password":"hunter2","nested":{"secret":{"deep":"hunter2"}},"note":"password=hunter2"}';
  for (let end = 0; end <= text.length; end++) {
    expect(maskJson(text.slice(0, end))).not.toMatch(/hunte?r?2?/);
  }
});

test('deep, broken and hostile texts come back', () => {
  const deep = '['.repeat(200_000);
  expect(maskJson(deep)).toBe(deep);
  expect(maskJson(`{"secret":${deep}`)).toBe('{"secret":"[redacted]"');
  expect(maskJson('{"a":"\\')).toBe('{"a":"\\');
  expect(maskJson('"\ud800')).toBe('"\ud800');
  expect(maskJson('{"n":12345678901234567890.10}')).toBe('{"n":12345678901234567890.10}');
  for (const piece of [
    'eyJ-',
    '"\\',
    'password:',
    'cookie:',
    'cookie="',
    '://a:',
    '{"token":',
    'Bearer ',
    '-----BEGIN PRIVATE KEY-----',
  ]) {
    expect(maskJson(piece.repeat(20_000)).length).toBeGreaterThan(0);
  }
});
