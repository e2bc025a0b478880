import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StorageService } from '../../control-plane/storage/storage.service.js';
import { MachineCompany, SCIM_TOKEN } from '../../control-plane/identity/testing/machine-company.js';

let company: MachineCompany;
beforeAll(async () => {
  company = await MachineCompany.start();
});
afterAll(async () => {
  await company[Symbol.asyncDispose]();
});

const now = () => Math.floor(Date.now() / 1000);

describe('pitfall 24, identity assertions: an assertion', () => {
  it.each<[string, () => object, string]>([
    ['for another audience', () => ({ aud: 'https://elsewhere.example' }), 'invalid_grant'],
    ['for another audience besides', () => ({ aud: [company.publicUrl, 'https://x.example'] }), 'invalid_grant'],
    ['for our resource as the audience', () => ({ aud: company.mcp }), 'invalid_grant'],
    ['for another client', () => ({ client_id: 'mcp-bridge' }), 'invalid_grant'],
    ['for no client', () => ({ client_id: undefined }), 'invalid_grant'],
    ['for a foreign resource', () => ({ resource: 'https://elsewhere.example/mcp' }), 'invalid_target'],
    ['for the admin API', () => ({ resource: `${company.publicUrl}/api`, scope: 'self' }), 'invalid_target'],
    ['for a path that only begins like ours', () => ({ resource: `${company.mcp}x` }), 'invalid_target'],
    ['for no resource', () => ({ resource: undefined }), 'invalid_grant'],
    ['for two resources', () => ({ resource: [company.mcp, `${company.mcp}/crm`] }), 'invalid_grant'],
    ['with a scope that is not ours', () => ({ scope: 'chat:write' }), 'invalid_scope'],
    ['without a scope', () => ({ scope: undefined }), 'invalid_scope'],
    ['that has expired', () => ({ iat: now() - 300, exp: now() - 1 }), 'invalid_grant'],
    ['that is good for longer than 300 s', () => ({ exp: now() + 400 }), 'invalid_grant'],
    ['that never expires', () => ({ exp: undefined }), 'invalid_grant'],
    ['from the future', () => ({ iat: now() + 120, exp: now() + 240 }), 'invalid_grant'],
    ['without a time', () => ({ iat: undefined }), 'invalid_grant'],
    ['without a jti', () => ({ jti: undefined }), 'invalid_grant'],
    ['without a subject', () => ({ sub: undefined }), 'invalid_grant'],
    ['of another issuer', () => ({ iss: 'https://elsewhere.example' }), 'invalid_grant'],
  ])('%s is refused', async (_, claims, error) => {
    const answer = await company.bring(await company.assertion(claims()));
    expect([answer.status, answer.error, answer.access_token]).toEqual([400, error, undefined]);
  });

  it.each(['JWT', 'at+jwt', 'logout+jwt', undefined])('of type %s is refused', async (typ) => {
    const answer = await company.bring(await company.assertion({}, { typ }));
    expect([answer.status, answer.error]).toEqual([400, 'invalid_grant']);
  });

  it('is good once, also where the first use was at the same moment', async () => {
    const assertion = await company.assertion();
    const answers = await Promise.all([company.bring(assertion), company.bring(assertion), company.bring(assertion)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400, 400]);
  });

  it('signed with a key of somebody else, or with none, is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const [header, payload] = (await company.assertion()).split('.');
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as Record<string, unknown>;
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'idp', typ: 'oauth-id-jag+jwt' })
      .sign(privateKey);
    const none = Buffer.from('{"alg":"none","typ":"oauth-id-jag+jwt"}').toString('base64url');
    for (const assertion of [forged, `${none}.${payload}.`, `${header}.${payload}.`, 'x', '']) {
      expect((await company.bring(assertion)).status).toBe(400);
    }
  });

  it('asks for no more than it grants, whatever the request says', async () => {
    const narrow = { resource: `${company.mcp}/crm` };
    const wider = await company.bring(await company.assertion(narrow), { resource: company.mcp });
    expect([wider.status, wider.error]).toEqual([400, 'invalid_target']);
    const more = await company.bring(await company.assertion(), { scope: 'mcp audit:read' });
    expect([more.status, more.scope]).toEqual([200, 'mcp']);
    const own = await company.bring(await company.assertion(narrow));
    await expect(company.caller(own.access_token)).rejects.toMatchObject({ code: 'token_invalid' });
  });

  it('is worth nothing without the client’s secret, and from a client that may not bring one', async () => {
    const stolen = await company.bring(await company.assertion(), { client_secret: 'a-guess-0123456789-0123456789' });
    expect([stolen.status, stolen.error]).toEqual([401, 'invalid_client']);
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_id: 'mcp-bridge' };
    const body = new URLSearchParams({ ...form, assertion: await company.assertion({ client_id: 'mcp-bridge' }) });
    const bridge = await fetch(`${company.publicUrl}/oauth/token`, { method: 'POST', body });
    expect(bridge.status).toBe(400);
    const asAccount = await company.workload(await company.assertion({ client_id: 'service/deploy' }));
    expect([asAccount.status, asAccount.error]).toEqual([400, 'invalid_grant']);
  });

  it('gives nothing to a disabled person', async () => {
    const { session } = await company.caller((await company.bring(await company.assertion())).access_token);
    const { db } = company.system.app.get(StorageService);
    const person = db.updateTable('persons').where('id', '=', session.person.id);
    await person.set({ disabled_at: Date.now(), disabled_by: 'scim:corp' }).execute();
    const answer = await company.bring(await company.assertion());
    await person.set({ disabled_at: null, disabled_by: null }).execute();
    expect([answer.status, answer.error]).toEqual([400, 'invalid_grant']);
  });

  it('that names no e-mail address is no way round what SCIM said of it', async () => {
    const bob = { sub: 'bob' };
    const named = await company.bring(await company.assertion({ ...bob, email: 'bob@corp.test' }));
    expect(named.status).toBe(200);
    const answer = await fetch(`${company.publicUrl}/scim/v2/Users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SCIM_TOKEN}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: 'bob@corp.test',
        active: false,
      }),
    });
    expect(answer.status).toBe(201);
    await expect(company.caller(named.access_token)).rejects.toMatchObject({ code: 'session_ended' });
    const again = await company.bring(await company.assertion(bob));
    expect([again.status, again.error]).toEqual([400, 'invalid_grant']);
  });

  it('with groups that are kept elsewhere gives no groups', async () => {
    const claims = { groups: ['it-admins'], _claim_names: { groups: 'src1' } };
    const { session } = await company.caller((await company.bring(await company.assertion(claims))).access_token);
    expect(session.groups).toEqual([]);
  });
});
