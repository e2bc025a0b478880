import { expect, test } from 'vitest';
import { credentialFacts } from './credential-facts.js';

test.each([
  [
    { reference: 'crm/bearer', version: 3 },
    { credential: 'crm/bearer', credentialOf: 'company', credentialVersion: 3 },
  ],
  [{ reference: 'crm/oauth' }, { credential: 'crm/oauth', credentialOf: 'person' }],
  [{ reference: 'files/env+on-behalf-of' }, { credential: 'files/env+on-behalf-of', credentialOf: 'person' }],
  [{ reference: 'none' }, { credential: 'none' }],
])('%j', (injection, facts) => {
  expect(credentialFacts(injection)).toEqual(facts);
});
