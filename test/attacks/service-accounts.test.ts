import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MachineCompany } from '../../control-plane/identity/testing/machine-company.js';
import { requestToken, TestMachine } from '../../control-plane/identity/testing/machine.js';

let company: MachineCompany;
beforeAll(async () => {
  company = await MachineCompany.start();
});
afterAll(async () => {
  await company[Symbol.asyncDispose]();
});

const now = () => Math.floor(Date.now() / 1000);
const GOOD = { sub: 'repo:acme/deploy:ref:refs/heads/main', private: true, aud: 'mcp-of-acme' };

describe('a workload’s token', () => {
  it.each<[string, () => object]>([
    ['of another repository', () => ({ sub: 'repo:acme/other:ref:refs/heads/main' })],
    ['of a longer name', () => ({ sub: 'repo:acme/deploy:ref:refs/heads/main2' })],
    ['of a name in other case', () => ({ sub: 'repo:Acme/deploy:ref:refs/heads/main' })],
    ['without a claim that is asked for', () => ({ private: undefined })],
    ['with a text where true is asked for', () => ({ private: 'true' })],
    ['with a list where a value is asked for', () => ({ private: [true] })],
    ['that fits halves of two rules', () => ({ sub: 'repo:acme/release:x', private: true })],
    ['of a name that begins like the prefix', () => ({ sub: 'repo:acme/release-evil:x', run: 7 })],
    ['with a number as text', () => ({ sub: 'repo:acme/release:x', run: '7' })],
    ['for another audience', () => ({ aud: 'sts.amazonaws.com' })],
    ['for two audiences', () => ({ aud: ['mcp-of-acme', 'sts.amazonaws.com'] })],
    ['that has expired', () => ({ iat: now() - 600, exp: now() - 1 })],
    ['that never expires', () => ({ exp: undefined })],
    ['that is good for a month', () => ({ exp: now() + 30 * 86_400 })],
    ['from the future', () => ({ iat: now() + 120 })],
  ])('%s is refused', async (_, claims) => {
    const answer = await company.workload(await company.issuer.sign({ ...GOOD, ...claims() }));
    expect([answer.status, answer.error, answer.access_token]).toEqual([400, 'invalid_grant', undefined]);
  });

  it('of another type, or for an account that is not trusted by it, is refused', async () => {
    for (const typ of ['at+jwt', 'oauth-id-jag+jwt', 'logout+jwt']) {
      expect((await company.workload(await company.issuer.sign(GOOD, { typ }))).error).toBe('invalid_grant');
    }
    const token = await company.issuer.sign(GOOD);
    for (const client_id of ['service/nightly', 'service/absent', 'service/__proto__', 'service/constructor']) {
      expect((await company.workload(token, { client_id })).status).toBeGreaterThanOrEqual(400);
    }
  });

  it('pitfall 11: many keys that nobody knows are at most one request for keys', async () => {
    await using fresh = await MachineCompany.start();
    expect((await fresh.workload(await fresh.issuer.sign(GOOD))).status).toBe(200);
    const known = fresh.issuer.keyRequests;
    for (let count = 0; count < 30; count += 1) {
      const token = await fresh.issuer.sign(GOOD, { kid: `unknown-${count}` });
      expect((await fresh.workload(token)).error).toBe('invalid_grant');
    }
    expect(fresh.issuer.keyRequests - known).toBeLessThanOrEqual(1);
  });
});

describe('a service account with a key', () => {
  it('is refused with another key, and a replayed or long-lived client assertion', async () => {
    const other = await new TestMachine().authentication('service/nightly', company.publicUrl);
    expect((await requestToken(company.publicUrl, { grant_type: 'client_credentials', ...other })).status).toBe(401);
    const once = await company.machine.authentication('service/nightly', company.publicUrl);
    const form = { grant_type: 'client_credentials', ...once };
    expect((await requestToken(company.publicUrl, form)).status).toBe(200);
    expect((await requestToken(company.publicUrl, form)).access_token).toBeUndefined();
    for (const claims of [{ exp: now() + 3600 }, { exp: now() - 60 }, { aud: 'https://elsewhere.example' }]) {
      expect((await company.service('nightly', {}, claims)).status).toBe(401);
    }
  });

  it('is refused without a proof, and reaches neither the admin API nor a foreign resource', async () => {
    const bare = { grant_type: 'client_credentials', client_id: 'service/nightly' };
    expect((await requestToken(company.publicUrl, bare)).status).toBe(401);
    for (const resource of [`${company.publicUrl}/api`, 'https://elsewhere.example/mcp', `${company.mcp}/../api`]) {
      expect((await company.service('nightly', { resource })).error).toBe('invalid_target');
    }
    expect((await company.service('nightly', { scope: 'audit:read' })).error).toBe('invalid_scope');
  });

  it('of another kind gets nothing by client credentials', async () => {
    for (const client_id of ['service/deploy', 'mcp-bridge', 'mcp-sso-admin']) {
      const answer = await requestToken(company.publicUrl, { grant_type: 'client_credentials', client_id });
      expect([answer.status, answer.access_token]).toEqual([400, undefined]);
    }
  });
});
