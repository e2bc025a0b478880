import { expect, test } from 'vitest';
import { domainOf, emailAddressIn } from './email-address.js';

test.each([
  'alice@acme.example',
  "o'hara+mcp@Sub.ACME.example",
  'a@xn--bcher-kva.example',
  `${'a'.repeat(241)}@acme.example`,
])('%s is an address', (text) => expect(emailAddressIn(text)).toBe(text));

test.each([
  undefined,
  '',
  ['alice@acme.example'],
  'alice',
  '@acme.example',
  'alice@',
  'alice@acme.example ',
  'alice@acme.example\r\nx',
  'alice@evil.example@acme.example',
  'alice@acme.example&prompt=none x',
  'alice@\u212acme.example',
  `${'a'.repeat(242)}@acme.example`,
])('%j is none', (value) => expect(emailAddressIn(value)).toBeNull());

test('the domain is what follows the @', () => expect(domainOf('alice@Acme.example')).toBe('Acme.example'));
