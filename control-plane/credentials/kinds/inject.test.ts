import { expect, test } from 'vitest';
import { NO_INJECTION } from '../injection.js';
import { inject } from './inject.js';

test('bearer', () => {
  expect(inject('crm/bearer', { kind: 'bearer', secret: 'env:X' }, 'tok-12345678')).toEqual({
    ...NO_INJECTION,
    reference: 'crm/bearer',
    headers: { authorization: 'Bearer tok-12345678' },
    query: {},
    secrets: ['tok-12345678'],
  });
});

test('header: the name in lower case; a token behind a scheme is masked by itself too', () => {
  expect(inject('crm/header', { kind: 'header', name: 'X-API-Key', secret: 'env:X' }, 'key-12345678')).toEqual({
    ...NO_INJECTION,
    reference: 'crm/header',
    headers: { 'x-api-key': 'key-12345678' },
    query: {},
    secrets: ['key-12345678'],
  });
  const { secrets } = inject('s', { kind: 'header', name: 'Authorization', secret: 'env:X' }, 'ApiKey abc-12345');
  expect(secrets).toEqual(['ApiKey abc-12345', 'abc-12345']);
});

test('basic: UTF-8, and the pair is a secret as the password is', () => {
  expect(inject('crm/basic', { kind: 'basic', username: 'svc', secret: 'env:X' }, 'pä:ss')).toEqual({
    ...NO_INJECTION,
    reference: 'crm/basic',
    headers: { authorization: 'Basic c3ZjOnDDpDpzcw==' },
    query: {},
    secrets: ['pä:ss', 'c3ZjOnDDpDpzcw=='],
  });
});

test('query: raw, for the URL builder to encode', () => {
  expect(inject('crm/query', { kind: 'query', name: 'api_key', secret: 'env:X' }, 'a&b=c')).toEqual({
    ...NO_INJECTION,
    reference: 'crm/query',
    headers: {},
    query: { api_key: 'a&b=c' },
    secrets: ['a&b=c'],
  });
});

test('cookie: one, by its name', () => {
  expect(inject('crm/cookie', { kind: 'cookie', name: '__Host-sid', secret: 'env:X' }, 'a1b2==')).toEqual({
    ...NO_INJECTION,
    reference: 'crm/cookie',
    headers: { cookie: '__Host-sid=a1b2==' },
    query: {},
    secrets: ['a1b2=='],
  });
});

test.each([
  'abcd; admin=1',
  'abcd;admin=1',
  'abcd,efgh',
  'ab cd',
  '"abcd"',
  'ab\\cd',
  'ab\tcd',
  'äbcd',
  'abcd\r\nx: 1',
])('attack: the value %j breaks out of no cookie', (secret) => {
  expect(() => inject('s', { kind: 'cookie', name: 'sid', secret: 'env:X' }, secret)).toThrow(
    'the secret has characters that no cookie can carry',
  );
});

test.each(['tök-12345', ' leading', 'trailing ', '日本語日本語'])('no header carries %j', (secret) => {
  const message = 'the secret has characters or outer blanks that no HTTP header can carry';
  expect(() => inject('s', { kind: 'bearer', secret: 'env:X' }, secret)).toThrow(message);
  expect(() => inject('s', { kind: 'header', name: 'x-key', secret: 'env:X' }, secret)).toThrow(message);
});
