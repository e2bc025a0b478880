import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StorageService } from '../../control-plane/storage/storage.service.js';
import { startApplication, type TestApplication } from '../../control-plane/identity/testing/application.js';
import { patchOf, scimRequest } from '../../control-plane/identity/scim/testing/scim-request.js';

const OKTA = 'token-of-okta-0123456789abcdefghijklmnop';
const ENTRA = 'token-of-entra-0123456789abcdefghijklmno';
const USER = { userName: 'ann@corp.test', externalId: '00uA', active: true };
const PASSWORD = 'made-up-by-okta-hunter2';

const provider = (name: string) => ({
  issuer: `https://${name}.example`,
  clientId: 'c',
  clientSecret: 'env:IDP_SECRET',
  scim: { token: `env:${name.toUpperCase()}` },
});

let system: TestApplication;
let id: string;

const send = (method: string, path: string, body?: unknown, token = OKTA) =>
  scimRequest(system.address, method, path, body, token);
const isActive = async () => (await send('GET', `/Users/${id}`)).body?.['active'];
const users = () => system.app.get(StorageService).db.selectFrom('scim_users').selectAll().execute();

beforeAll(async () => {
  const providers = { okta: provider('okta'), entra: provider('entra') };
  system = await startApplication({
    settings: { identity: { providers } },
    environment: { OKTA, ENTRA },
  });
});
afterAll(() => system[Symbol.asyncDispose]());

beforeEach(async () => {
  const { db } = system.app.get(StorageService);
  for (const table of ['scim_members', 'scim_groups', 'scim_users'] as const) await db.deleteFrom(table).execute();
  id = String((await send('POST', '/Users', USER)).body?.['id']);
});

describe('pitfall 21, SCIM that fails open', () => {
  it.each([
    ['the text "False"', patchOf({ op: 'Replace', path: 'active', value: 'False' }), 200, false],
    ['an unknown op', patchOf({ op: 'deactivate', path: 'active', value: false }), 400, false],
    ['an unknown op beside it', patchOf({ op: 'replace', value: { active: false } }, { op: 'zap' }), 400, false],
    [
      'a list of one false',
      patchOf({ op: 'Replace', path: 'active', value: [{ $ref: null, value: 'False' }] }),
      400,
      false,
    ],
    ['a word that is no boolean', patchOf({ op: 'replace', path: 'active', value: 'inactive' }), 400, true],
    ['a removal', patchOf({ op: 'remove', path: 'active' }), 200, false],
    [
      'two values, the last of which counts',
      patchOf({ op: 'replace', value: { active: true } }, { op: 'replace', value: { active: false } }),
      200,
      false,
    ],
  ])('%s', async (_, body, status, active) => {
    expect((await send('PATCH', `/Users/${id}`, body)).status).toBe(status);
    expect(await isActive()).toBe(active);
  });

  it.each([
    ['an unknown op', 'PATCH', patchOf({ op: 'activate', path: 'active', value: true })],
    ['a change of something else', 'PATCH', patchOf({ op: 'replace', path: 'title', value: 'active' })],
    ['a PUT without active', 'PUT', { userName: 'ann@corp.test', externalId: '00uA' }],
    ['active: null', 'PUT', { ...USER, active: null }],
    ['two spellings of active', 'PUT', { ...USER, Active: true }],
    ['active in another schema', 'PATCH', patchOf({ op: 'add', value: { 'urn:x:y:User': { active: true } } })],
    ['a prototype', 'PATCH', '{"Operations":[{"op":"add","value":{"__proto__":{"active":true}}}]}'],
  ])('a leaver does not come back by %s', async (_, method, body) => {
    await send('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { active: false } }));
    await send(method, `/Users/${id}`, body);
    expect(await isActive()).toBe(false);
  });

  it('a lost group gives nothing any more, also where the request names members that are unknown', async () => {
    const members = [{ value: id }];
    const group = String((await send('POST', '/Groups', { displayName: 'eng', members })).body?.['id']);
    const body = patchOf({ op: 'replace', path: 'members', value: [{ value: 'nobody' }] });
    expect((await send('PATCH', `/Groups/${group}`, body)).status).toBe(204);
    expect((await send('GET', `/Groups/${group}`)).body?.['members']).toEqual([]);
  });
});

describe('one provider’s token', () => {
  it('neither sees nor touches what is another’s, and can’t tell it from what is not there', async () => {
    const members = [{ value: id }];
    const group = String((await send('POST', '/Groups', { displayName: 'eng', members })).body?.['id']);
    for (const path of [`/Users/${id}`, `/Groups/${group}`]) {
      const nothing = path.replace(/[^/]+$/, 'scu_none');
      for (const [method, body] of [
        ['GET', undefined],
        ['PUT', { ...USER, displayName: 'x', active: false }],
        ['PATCH', patchOf({ op: 'replace', value: { active: false, displayName: 'x' } })],
        ['DELETE', undefined],
      ] as const) {
        const sent = method === 'PATCH' && path.startsWith('/G') ? patchOf({ op: 'remove', path: 'members' }) : body;
        const answer = await send(method, path, sent, ENTRA);
        expect([method, path, answer.status]).toEqual([method, path, 404]);
        expect(answer.body).toEqual((await send(method, nothing, sent, ENTRA)).body);
      }
    }
    expect((await send('GET', '/Users', undefined, ENTRA)).body?.['totalResults']).toBe(0);
    expect((await send('GET', '/Groups', undefined, ENTRA)).body?.['totalResults']).toBe(0);
    expect(await isActive()).toBe(true);
    expect((await send('GET', `/Groups/${group}`)).body?.['members']).toMatchObject([{ value: id }]);
  });

  it('puts nobody of another into a group', async () => {
    const answer = await send('POST', '/Groups', { displayName: 'eng', members: [{ value: id }] }, ENTRA);
    expect([answer.status, answer.body?.['members']]).toEqual([201, []]);
  });

  it('is guessed ten times, and the right one is let in all the same', async () => {
    const guesses = [];
    for (let n = 0; n < 12; n += 1) guesses.push((await send('GET', '/Users', undefined, `${OKTA}${n}`)).status);
    expect(guesses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    expect((await send('GET', '/Users')).status).toBe(200);
    for (const authorization of ['', OKTA, `Basic ${btoa(`a:${OKTA}`)}`, `Bearer ${OKTA} x`, `DPoP ${OKTA}`]) {
      const answer = await fetch(`${system.address}/scim/v2/Users`, { headers: { authorization } });
      expect([authorization, [401, 429].includes(answer.status)]).toEqual([authorization, true]);
    }
  });
});

describe('a hostile request', () => {
  it.each([
    [
      'a giant filter',
      'GET',
      `/Users?filter=${encodeURIComponent(`userName eq "${'a'.repeat(8000)}"`)}`,
      undefined,
      400,
      'invalidFilter',
    ],
    ['a filter of brackets', 'GET', `/Users?filter=${'%5B'.repeat(2000)}`, undefined, 400, 'invalidFilter'],
    ['a filter twice', 'GET', '/Users?filter=userName eq "a"&filter=userName eq "b"', undefined, 400, 'invalidFilter'],
    ['deep nesting', 'POST', '/Users', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 400, 'invalidSyntax'],
    [
      'a deep operation',
      'PATCH',
      '/Users/x',
      `{"Operations":[{"op":"add","value":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}]}`,
      400,
      'invalidSyntax',
    ],
    ['no JSON', 'POST', '/Users', '{"userName":', 400, 'invalidSyntax'],
    ['a list', 'POST', '/Users', '[]', 400, 'invalidSyntax'],
    [
      'many operations',
      'PATCH',
      '/Users/x',
      patchOf(...Array.from({ length: 1001 }, () => ({ op: 'x' }))),
      413,
      'tooMany',
    ],
    ['a NUL in a name', 'POST', '/Users', { userName: 'a\0b' }, 400, 'invalidValue'],
    ['half a surrogate', 'POST', '/Users', { userName: '\ud800' }, 400, 'invalidValue'],
    ['a NUL in a filter', 'GET', '/Users?filter=userName eq "a\\u0000"', undefined, 200, undefined],
    [
      'too large a user',
      'POST',
      '/Users',
      { userName: 'b', emails: Array.from({ length: 2000 }, (_, n) => ({ value: `${n}${'x'.repeat(60)}` })) },
      413,
      'tooMany',
    ],
  ])('%s is refused in words', async (_, method, path, body, status, scimType) => {
    const answer = await send(method, path, body);
    expect([answer.status, answer.body?.['scimType']]).toEqual([status, scimType]);
    expect(answer.type).toBe('application/scim+json; charset=utf-8');
    const kind = status === 200 ? 'ListResponse' : 'Error';
    expect(answer.body?.['schemas']).toEqual([`urn:ietf:params:scim:api:messages:2.0:${kind}`]);
    expect(answer.body?.['status']).toBe(status === 200 ? undefined : String(status));
    expect(await users()).toHaveLength(1);
  });

  it('that is larger than a megabyte is not read', async () => {
    const answer = await send('POST', '/Users', `"${'x'.repeat(1_100_000)}"`).catch(() => undefined);
    expect(answer === undefined || answer.status === 413).toBe(true);
  });
});

describe('pitfall 18, secrets that are kept', () => {
  it('the password that Okta makes up is nowhere in the database', async () => {
    await send('POST', '/Users', { userName: 'c', Password: PASSWORD });
    await send('PUT', `/Users/${id}`, { ...USER, password: PASSWORD });
    await send('PATCH', `/Users/${id}`, patchOf({ op: 'replace', path: 'password', value: PASSWORD }));
    await send('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { password: PASSWORD } }));
    const storage = system.app.get(StorageService);
    const kept = await users();
    expect(kept).toHaveLength(2);
    for (const row of kept) expect(storage.open('scim-users', row.id, row.sealed).toString()).not.toContain(PASSWORD);
  });
});
