import { decodeJwt } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditQuerySchema } from '#shared/api/audit.js';
import { AuditService } from '../../audit/audit.service.js';
import { IdentityService } from '../identity.service.js';
import { IdpRecheck } from '../sessions/idp-recheck.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { MachineCompany } from '../testing/machine-company.js';

let company: MachineCompany;
beforeEach(async () => {
  company = await MachineCompany.start();
});
afterEach(async () => {
  await company[Symbol.asyncDispose]();
});

async function signIns() {
  const query = auditQuerySchema.parse({ type: 'auth.sign-in' });
  return (await company.system.app.get(AuditService).search(query, { payloads: true })).entries;
}

test('the metadata says that identity assertions are taken, and how machines prove who they are', async () => {
  const response = await fetch(`${company.publicUrl}/.well-known/oauth-authorization-server`);
  expect(await response.json()).toMatchObject({
    authorization_grant_profiles_supported: ['urn:ietf:params:oauth:grant-profile:id-jag'],
    grant_types_supported: expect.arrayContaining([
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'urn:ietf:params:oauth:grant-type:token-exchange',
    ]) as unknown,
    token_endpoint_auth_methods_supported: ['none', 'private_key_jwt', 'client_secret_post', 'client_secret_basic'],
  });
});

test('an identity assertion gives the person one access token and nothing to renew it with', async () => {
  const claims = { groups: ['engineering'], email: 'alice@corp.test', name: 'Alice', sid: 'idp-1' };
  const answer = await company.bring(await company.assertion(claims));
  expect(answer).toEqual({
    status: 200,
    access_token: expect.any(String) as string,
    token_type: 'Bearer',
    expires_in: expect.any(Number) as number,
    scope: 'mcp',
  });
  const { iat = 0, exp = 0 } = decodeJwt(answer.access_token ?? '');
  expect(exp - iat).toBeLessThanOrEqual(300);
  const { session, scopes } = await company.caller(answer.access_token);
  expect(session).toMatchObject({ kind: 'person', groups: ['corp/engineering'], actors: [], idpSession: 'idp-1' });
  expect(session.person).toMatchObject({ issuer: company.idp.issuer, subject: 'alice', email: 'alice@corp.test' });
  expect(scopes).toEqual(['mcp']);
  expect(session.expiresAt).toBeLessThanOrEqual(Number(decodeJwt(answer.access_token ?? '').exp) * 1000);
  expect(await signIns()).toMatchObject([{ client: { id: 'agent-platform' }, detail: 'identity assertion' }]);
});

test('the same person comes by an assertion as by a sign-in, and groups that are not in it are no groups', async () => {
  const first = await company.caller((await company.bring(await company.assertion())).access_token);
  const again = await company.caller((await company.bring(await company.assertion({ groups: ['a'] }))).access_token);
  expect([first.session.person.id, first.session.groups]).toEqual([again.session.person.id, []]);
  expect(again.session.groups).toEqual(['corp/a']);
});

test('an assertion that waited gives a session that ends 360 s after the IdP spoke', async () => {
  const iat = Math.floor(Date.now() / 1000) - 200;
  const answer = await company.bring(await company.assertion({ iat, exp: iat + 300 }));
  const { session } = await company.caller(answer.access_token);
  expect(session.expiresAt).toBe((iat + 360) * 1000);
  expect(answer.expires_in).toBeLessThanOrEqual(160);
});

test('nothing that rests on an assertion or on a machine is confirmed anew', async () => {
  const person = company.sessionOf((await company.bring(await company.assertion())).access_token);
  const service = company.sessionOf((await company.service('nightly')).access_token);
  const identity = company.system.app.get(IdentityService);
  await expect(identity.confirm(service)).rejects.toMatchObject({ code: 'session_ended' });
  const sessions = company.system.app.get(SessionsService);
  const session = await sessions.find(person);
  if (!session) throw new Error('no session');
  await sessions.applyFreshProfile(session, { ...session, ...session.person }, Date.now() - 61_000);
  expect(await company.system.app.get(IdpRecheck).freshSession(person)).toBeUndefined();
  expect(await sessions.find(person)).toBeUndefined();
});

test('a service account with a key gets a token of its own, in its own group', async () => {
  const answer = await company.service('nightly', { resource: `${company.mcp}/crm` });
  expect(answer).toMatchObject({ status: 200, scope: 'mcp', token_type: 'Bearer' });
  expect(answer.refresh_token).toBeUndefined();
  const { session } = await company.caller(answer.access_token, `${company.mcp}/crm`);
  expect(session).toMatchObject({ kind: 'service', groups: ['service/nightly', 'service/ci'] });
  expect(session.person).toMatchObject({ issuer: company.publicUrl, subject: 'service/nightly', provider: 'service' });
  expect(await signIns()).toMatchObject([{ client: { id: 'service/nightly' }, detail: 'private key' }]);
});

test('a workload gets in by the token of its platform, as often as it shows it', async () => {
  const claims = { sub: 'repo:acme/deploy:ref:refs/heads/main', private: true, aud: 'mcp-of-acme' };
  const token = await company.issuer.sign(claims);
  for (const _ of ['first', 'again']) {
    const answer = await company.workload(token);
    expect(answer.status).toBe(200);
    expect((await company.caller(answer.access_token)).session.groups).toEqual(['service/deploy']);
  }
  const byPrefix = { sub: 'repo:acme/release:environment:production', run: 7, aud: ['mcp-of-acme'] };
  expect((await company.workload(await company.issuer.sign(byPrefix, { typ: 'JWT' }))).status).toBe(200);
});

test('an agent acts for a person, and the chain is in the token, the session and the audit', async () => {
  const alice = await company.bring(await company.assertion({ groups: ['engineering'] }));
  const first = await company.exchange('planner', alice.access_token ?? '');
  expect(first).toMatchObject({ status: 200, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' });
  const second = await company.exchange('assistant', first.access_token ?? '');
  const person = (await company.caller(alice.access_token)).session.person.id;
  expect(decodeJwt(second.access_token ?? '')).toMatchObject({
    sub: person,
    client_id: 'service/assistant',
    act: { sub: 'service/assistant', act: { sub: 'service/planner' } },
  });
  const { session } = await company.caller(second.access_token);
  expect(session).toMatchObject({ groups: ['corp/engineering'], actors: ['service/assistant', 'service/planner'] });
  const found = (await signIns()).filter(({ actors }) => actors.length > 0);
  expect(found.map(({ actors, person: who }) => [who?.id, actors])).toEqual([
    [person, ['service/assistant', 'service/planner']],
    [person, ['service/planner']],
  ]);
});
