import { expect, test } from 'vitest';
import { settingsSchema } from '../../config/settings.js';
import type { CredentialScope } from '../../credentials/credential-scope.js';
import { bearerChallenge } from '../../egress/bearer-challenge.js';
import { UpstreamRefusal } from '../../upstreams/refusal.js';
import { ConsentNeeded, refusedCredential } from './refused-credential.js';

const wants = (scope: string, credential: object, tools: object = {}) => {
  const { servers } = settingsSchema.parse({
    publicUrl: 'https://mcp.corp.test',
    identity: { providers: {} },
    servers: {
      crm: { title: 'CRM', url: 'https://crm.test/mcp', credential: { kind: 'oauth', ...credential }, tools },
    },
  });
  const challenge = bearerChallenge(`Bearer error="insufficient_scope", scope="${scope}"`);
  const session = { groups: [] } as unknown as CredentialScope['session'];
  const refusal = new UpstreamRefusal(403, challenge);
  return refusedCredential(
    { servers, publicUrl: 'https://mcp.corp.test' },
    { server: 'crm', session },
    refusal,
    undefined,
  );
};

test('a scope that nobody named for the server is no matter of consent, and everybody learns which it is', () => {
  const error = wants('crm:read crm:admin', { scopes: ['crm:read'] });
  expect(error).not.toBeInstanceOf(ConsentNeeded);
  expect(error).toMatchObject({
    code: 'upstream_refused',
    message:
      'CRM wants crm:admin for this, which is more than your company asks people to allow there. Tell your administrator.',
    detail: 'crm wants crm:admin; if that is right, add it to servers.crm.credential.scopes',
  });
});

test('what is named for the server or one of its tools is, and anything where nobody named any', () => {
  const tools = { erase: { effect: 'destroy', scopes: ['crm:admin'] } };
  for (const error of [
    wants('crm:read crm:admin', { scopes: ['crm:read'] }, tools),
    wants('crm:read', { scopes: ['crm:read'] }),
    wants('crm:admin', {}),
    wants('crm:admin', {}, tools),
  ]) {
    expect(error).toBeInstanceOf(ConsentNeeded);
  }
});
