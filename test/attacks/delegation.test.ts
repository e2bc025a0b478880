import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MachineCompany, TOKEN_EXCHANGE } from '../../control-plane/identity/testing/machine-company.js';
import { newKey, proof, type KeyPair } from '../support/proof.js';

let company: MachineCompany;
let alice: string;
beforeAll(async () => {
  company = await MachineCompany.start();
});
afterAll(async () => {
  await company[Symbol.asyncDispose]();
});

async function aliceToken(claims: object = {}): Promise<string> {
  return (await company.bring(await company.assertion(claims))).access_token ?? '';
}

async function proofBy(keys: KeyPair): Promise<string> {
  return proof(keys, { method: 'POST', url: `${company.publicUrl}/oauth/token` });
}

describe('acting for a person', () => {
  beforeAll(async () => {
    alice = await aliceToken();
  });

  it('is refused to an account that may not, and for a token that is not a person’s', async () => {
    expect((await company.exchange('nightly', alice)).error).toBe('invalid_grant');
    const service = (await company.service('nightly')).access_token ?? '';
    expect((await company.exchange('assistant', service)).error).toBe('invalid_grant');
  });

  it('is refused with the actor token of another account, of a person, or none', async () => {
    const planner = (await company.service('planner')).access_token ?? '';
    for (const actor_token of [planner, alice, 'x']) {
      expect((await company.exchange('assistant', alice, { actor_token })).error).toBe('invalid_grant');
    }
    const client = await company.machine.authentication('service/assistant', company.publicUrl);
    const body = new URLSearchParams({ grant_type: TOKEN_EXCHANGE, ...client, subject_token: alice });
    const impersonation = await fetch(`${company.publicUrl}/oauth/token`, { method: 'POST', body });
    expect(impersonation.status).toBe(400);
  });

  it('is refused for a forged, foreign or ended token', async () => {
    const [header, , signature] = alice.split('.');
    const claims = Buffer.from(JSON.stringify({ ...decodeJwt(alice), sub: 'usr_of_bob' })).toString('base64url');
    const foreign = await company.idp.sign({ sub: 'alice', aud: company.mcp });
    const ended = await aliceToken();
    await company.end(ended);
    for (const token of [`${header}.${claims}.${signature}`, foreign, ended, 'x']) {
      expect((await company.exchange('assistant', token)).error).toBe('invalid_grant');
    }
  });

  it('opens no more than the person’s token, and not for longer', async () => {
    const narrow = await aliceToken({ resource: `${company.mcp}/crm` });
    for (const resource of [company.mcp, `${company.mcp}/erp`, `${company.publicUrl}/api`]) {
      expect((await company.exchange('assistant', narrow, { resource })).error).toBe('invalid_target');
    }
    const acted = (await company.exchange('assistant', narrow)).access_token;
    await expect(company.caller(acted)).rejects.toMatchObject({ code: 'token_invalid' });
    const { session } = await company.caller(acted, `${company.mcp}/crm`);
    expect(session.expiresAt).toBeLessThanOrEqual(Number(decodeJwt(narrow).exp) * 1000);
  });

  it('does not inherit the person’s step-up', async () => {
    const fresh = await aliceToken({ auth_time: Math.floor(Date.now() / 1000), acr: 'phr', amr: ['hwk'] });
    expect((await company.caller(fresh)).session).toMatchObject({ acr: 'phr', amr: ['hwk'] });
    const agent = await company.exchange('assistant', fresh);
    expect((await company.caller(agent.access_token)).session).toMatchObject({ authTime: 0, acr: null, amr: [] });
  });

  it('ends at three actors', async () => {
    let token = alice;
    for (const name of ['planner', 'assistant', 'planner']) {
      token = (await company.exchange(name, token)).access_token ?? '';
    }
    expect((await company.caller(token)).session.actors).toHaveLength(3);
    expect((await company.exchange('assistant', token)).error).toBe('invalid_grant');
  });

  it('by a token that is bound to a key needs that key, and the result is bound to it', async () => {
    const keys = await newKey();
    const bound = await company.bring(await company.assertion(), {}, await proofBy(keys));
    expect(bound.token_type).toBe('DPoP');
    const stolen = bound.access_token ?? '';
    expect((await company.exchange('assistant', stolen)).error).toBe('invalid_grant');
    expect((await company.exchange('assistant', stolen, {}, await proofBy(await newKey()))).error).toBe(
      'invalid_grant',
    );
    const own = await company.exchange('assistant', stolen, {}, await proofBy(keys));
    expect([own.status, own.token_type]).toEqual([200, 'DPoP']);
    await expect(company.caller(own.access_token)).rejects.toMatchObject({ code: 'token_invalid' });
  });
});
