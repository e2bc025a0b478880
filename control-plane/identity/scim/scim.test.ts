import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CLIENTS } from '#shared/api/paths.js';
import { AuditService } from '../../audit/audit.service.js';
import { Metrics } from '../../observability/metrics.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { SessionDirectory } from '../sessions/session-directory.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestClient, type Tokens } from '../testing/client.js';
import { patchOf, resourcesIn, SCIM_TOKEN, scimRequest, type ScimAnswer } from './testing/scim-request.js';

const OUT = { status: 401 };

const idOf = ({ body }: ScimAnswer): string => String(body?.['id']);

onEachEngine((engine) => {
  let database: TestDatabase;
  let system: TestApplication;
  let client: TestClient;

  async function start(scim: object = {}): Promise<void> {
    system = await startApplication({
      database: database.location,
      environment: { SCIM_TOKEN },
      provider: { scim: { token: 'env:SCIM_TOKEN', ...scim } },
    });
    system.idp.users.set('alice', { email: 'Alice@corp.test', name: 'Alice', groups: ['from-token'], active: true });
    client = await TestClient.of(system.publicUrl, CLIENTS.admin);
  }

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    await start();
  });
  beforeEach(async () => {
    await database.run(
      'delete from scim_members; delete from scim_groups; delete from scim_users; update persons set disabled_at = null, disabled_by = null',
    );
    client = await TestClient.of(system.publicUrl, CLIENTS.admin);
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const send = (method: string, path: string, body?: unknown): Promise<ScimAnswer> =>
    scimRequest(system.publicUrl, method, path, body);
  const signIn = (person = 'alice'): Promise<Tokens> => client.signIn(person, { scope: 'openid self' });
  const groupsOf = async ({ access_token: token }: Tokens): Promise<unknown> => {
    const answer = await client.fetch(`${system.publicUrl}/api/v1/probe`, token);
    return answer.ok ? ((await answer.json()) as { groups: string[] }).groups : { status: answer.status };
  };
  const created = async (path: string, body: object): Promise<string> => {
    const answer = await send('POST', path, body);
    expect(answer).toMatchObject({ status: 201, type: 'application/scim+json; charset=utf-8' });
    return idOf(answer);
  };
  const alice = (more: object = {}): Promise<string> =>
    created('/Users', { userName: 'alice@corp.test', externalId: 'alice', active: true, ...more });
  const group = (displayName: string, ...members: string[]): Promise<string> =>
    created('/Groups', { displayName, members: members.map((value) => ({ value })) });
  const newSignIn = async (): Promise<string> => {
    const fresh = await TestClient.of(system.publicUrl, CLIENTS.admin);
    return (await fresh.toConfirmPage('alice', { scope: 'openid self' })).text;
  };

  test('groups are those that SCIM says, at once, and no others', async () => {
    const tokens = await signIn();
    expect(await groupsOf(tokens)).toEqual([]);
    const user = await alice();
    const [eng, ops] = [await group('eng', user), await group('ops')];
    expect(await groupsOf(tokens)).toEqual(['corp/eng']);
    await send('PATCH', `/Groups/${ops}`, patchOf({ op: 'Add', path: 'members', value: [{ value: user }] }));
    expect(await groupsOf(tokens)).toEqual(['corp/eng', 'corp/ops']);
    const removal = patchOf({ op: 'Remove', path: 'members', value: [{ value: user }] });
    expect(await send('PATCH', `/Groups/${ops}`, removal)).toMatchObject({ status: 204, body: undefined });
    expect(await groupsOf(tokens)).toEqual(['corp/eng']);
    const rename = patchOf({ op: 'replace', value: { id: eng, displayName: 'engineering' } });
    await send('PATCH', `/Groups/${eng}`, rename);
    expect(await groupsOf(tokens)).toEqual(['corp/engineering']);
    const people = await system.app.get(SessionDirectory).people({ limit: 10 });
    expect(people.map(({ email, groups }) => [email, groups])).toContainEqual([
      'Alice@corp.test',
      ['corp/engineering'],
    ]);
    expect((await send('DELETE', `/Groups/${eng}`)).status).toBe(204);
    expect(await groupsOf(tokens)).toEqual([]);
    expect((await send('GET', `/Groups/${eng}`)).status).toBe(404);
  });

  test('a replacement of a group without its members leaves none', async () => {
    const tokens = await signIn();
    const eng = await group('eng', await alice());
    expect(await groupsOf(tokens)).toEqual(['corp/eng']);
    await send('PUT', `/Groups/${eng}`, { displayName: 'eng' });
    expect(await groupsOf(tokens)).toEqual([]);
  });

  test.each([
    ['PATCH of Okta', 'PATCH', patchOf({ op: 'replace', value: { active: false } }), 200],
    ['PUT of Okta', 'PUT', { userName: 'alice@corp.test', externalId: 'alice', active: false }, 200],
    ['PATCH of Entra ID', 'PATCH', patchOf({ op: 'Replace', path: 'active', value: 'False' }), 200],
    ['PATCH with aadOptscim062020', 'PATCH', patchOf({ op: 'replace', path: 'active', value: false }), 200],
    ['DELETE', 'DELETE', undefined, 204],
    [
      'PATCH that is refused elsewhere',
      'PATCH',
      patchOf({ op: 'x' }, { op: 'replace', value: { active: 'False' } }),
      400,
    ],
    ['PUT that is refused elsewhere', 'PUT', { active: false, emails: 7 }, 400],
  ])('%s puts a person out before the answer', async (_, method, body, status) => {
    const user = await alice();
    const tokens = await signIn();
    expect(await groupsOf(tokens)).toEqual([]);
    expect((await send(method, `/Users/${user}`, body)).status).toBe(status);
    expect(await groupsOf(tokens)).toEqual(OUT);
    await expect(client.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await newSignIn()).toContain('Your account has been disabled');
  });

  test('who is active again may sign in again; the old session stays ended', async () => {
    const user = await alice();
    const tokens = await signIn();
    await send('PATCH', `/Users/${user}`, patchOf({ op: 'replace', path: 'active', value: false }));
    await send('PATCH', `/Users/${user}`, patchOf({ op: 'Replace', path: 'active', value: 'True' }));
    expect(await groupsOf(tokens)).toEqual(OUT);
    client = await TestClient.of(system.publicUrl, CLIENTS.admin);
    expect(await groupsOf(await signIn())).toEqual([]);
  });

  test('a replacement without active changes nothing about it', async () => {
    const user = await alice();
    const tokens = await signIn();
    const rest = { userName: 'alice@corp.test', externalId: 'alice', title: 'Chief' };
    expect((await send('PUT', `/Users/${user}`, rest)).body).toMatchObject({ active: true, title: 'Chief' });
    expect(await groupsOf(tokens)).toEqual([]);
    await send('PUT', `/Users/${user}`, { ...rest, active: false });
    expect((await send('PUT', `/Users/${user}`, rest)).body).toMatchObject({ active: false });
    expect(await newSignIn()).toContain('disabled');
  });

  test('whoever was deleted comes back by active: true, not by being created anew without it', async () => {
    await signIn();
    await send('DELETE', `/Users/${await alice()}`);
    const again = await alice({ active: undefined });
    expect((await send('GET', `/Users/${again}`)).body).toMatchObject({ active: false });
    expect(await newSignIn()).toContain('disabled');
    await send('PUT', `/Users/${again}`, { userName: 'alice@corp.test', externalId: 'alice', active: true });
    expect(await newSignIn()).not.toContain('disabled');
  });

  test('a person who is first seen after SCIM said inactive is refused', async () => {
    await alice({ active: false });
    expect(await newSignIn()).toContain('disabled');
  });

  test('an inactive user whom nobody is by subject keeps out who has their name, and gives nothing', async () => {
    const tokens = await signIn();
    const user = await alice({ externalId: 'mail-nickname' });
    const eng = await group('eng', user);
    expect(await groupsOf(tokens)).toEqual([]);
    await send('PATCH', `/Users/${user}`, patchOf({ op: 'replace', value: { active: false } }));
    expect(await groupsOf(tokens)).toEqual(OUT);
    expect(await newSignIn()).toContain('disabled');
    await send('PATCH', `/Users/${user}`, patchOf({ op: 'replace', value: { active: true } }));
    client = await TestClient.of(system.publicUrl, CLIENTS.admin);
    expect(await groupsOf(await signIn())).toEqual([]);
    await send('PATCH', `/Groups/${eng}`, patchOf({ op: 'remove', path: 'members' }));
  });

  test('a name that passed to somebody else keeps nobody out', async () => {
    system.idp.users.set('alice-2', { email: 'alice@corp.test', groups: [], active: true });
    await signIn();
    await alice({ active: false });
    client = await TestClient.of(system.publicUrl, CLIENTS.admin);
    expect(await groupsOf(await signIn('alice-2'))).toEqual([]);
  });

  test('what another path has disabled, SCIM does not enable', async () => {
    const user = await alice();
    await signIn();
    const { entries } = await system.app.get(AuditService).search({ type: 'auth.sign-in', limit: 1 });
    const person = entries[0]?.person?.id ?? '';
    await system.app
      .get(RevocationService)
      .disable(person, 'ssf:corp', { path: 'shared-signals', heardAt: Date.now() });
    await send('PATCH', `/Users/${user}`, patchOf({ op: 'replace', value: { active: false } }));
    await send('PATCH', `/Users/${user}`, patchOf({ op: 'replace', value: { active: true } }));
    expect(await newSignIn()).toContain('disabled');
  });

  test('users are found, paged and shown in part', async () => {
    const user = await alice({
      emails: [{ value: 'alice@corp.test', type: 'work' }],
      name: { givenName: 'A', familyName: 'B' },
    });
    const bob = await created('/Users', {
      userName: 'bob@corp.test',
      externalId: 'bob',
      active: 'True',
      password: 'hunter2',
    });
    const found = async (query: string) => {
      const answer = await send('GET', `/Users?${new URLSearchParams(query).toString()}`);
      return answer.status === 200
        ? [answer.body?.['totalResults'], resourcesIn(answer).map(({ id }) => id)]
        : [answer.status, answer.body?.['scimType']];
    };
    expect(await found('filter=USERNAME eq "ALICE@corp.test"&startIndex=1&count=100')).toEqual([1, [user]]);
    expect(await found('filter=externalId eq "bob" and active eq true')).toEqual([1, [bob]]);
    expect(await found('filter=emails[type eq "work"].value eq "alice@corp.test"')).toEqual([1, [user]]);
    expect(await found(`filter=id eq "${bob}"`)).toEqual([1, [bob]]);
    expect(await found('filter=userName eq "nobody"')).toEqual([0, []]);
    expect(await found('startIndex=2&count=1')).toEqual([2, [bob]]);
    expect(await found('count=0')).toEqual([2, []]);
    expect(await found('count=many')).toEqual([400, 'invalidValue']);
    expect(await found('filter=userName sw "a"')).toEqual([400, 'invalidFilter']);
    const part = await send('GET', `/Users/${user}?attributes=userName,name.givenName`);
    expect(part.body).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      id: user,
      userName: 'alice@corp.test',
      name: { givenName: 'A' },
    });
    expect(JSON.stringify((await send('GET', '/Users')).body)).not.toContain('hunter2');
  });

  test('groups are found without their members', async () => {
    const eng = await group('Engineering', await alice());
    const query = new URLSearchParams({ excludedAttributes: 'members', filter: 'displayName eq "engineering"' });
    const { body } = await send('GET', `/Groups?${query.toString()}`);
    expect(body).toMatchObject({ totalResults: 1, Resources: [{ id: eng, displayName: 'Engineering' }] });
    expect(JSON.stringify(body)).not.toContain('members');
    expect((await send('GET', `/Groups/${eng}`)).body).toMatchObject({ members: [{ type: 'User' }] });
  });

  test('names that must be unique are', async () => {
    const [user] = [await alice(), await group('eng')];
    const conflict = { status: 409, body: { scimType: 'uniqueness', status: '409' } };
    expect(await send('POST', '/Users', { userName: 'ALICE@corp.test' })).toMatchObject(conflict);
    expect(await send('POST', '/Users', { userName: 'other', externalId: 'alice' })).toMatchObject(conflict);
    expect(await send('POST', '/Groups', { displayName: 'eng' })).toMatchObject(conflict);
    expect(await send('POST', '/Users', { externalId: 'x' })).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue' },
    });
    expect((await send('PUT', `/Users/${user}`, { userName: 'Alice@corp.test' })).status).toBe(200);
  });

  test('two changes of one group at once both count', async () => {
    const users = await Promise.all([1, 2, 3, 4].map((n) => created('/Users', { userName: `u${n}`, active: true })));
    const eng = await group('eng', ...users);
    await Promise.all(
      users.map((user) =>
        send('PATCH', `/Groups/${eng}`, patchOf({ op: 'remove', path: `members[value eq "${user}"]` })),
      ),
    );
    expect((await send('GET', `/Groups/${eng}`)).body).toMatchObject({ members: [] });
  });

  test('the service describes itself', async () => {
    expect((await send('GET', '/ServiceProviderConfig')).body).toMatchObject({ patch: { supported: true } });
    expect((await send('GET', '/ResourceTypes/User')).body).toMatchObject({ endpoint: '/Users' });
    expect((await send('GET', '/Schemas')).body).toMatchObject({ totalResults: 3 });
    expect((await send('GET', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group')).status).toBe(200);
    expect((await send('GET', '/Schemas/urn:none')).body).toMatchObject({ status: '404' });
  });

  test('what was done to whom is on record, and the time until they were out is measured', async () => {
    const user = await alice();
    await signIn();
    await send('PATCH', `/Users/${user}`, patchOf({ op: 'replace', value: { active: false } }));
    await group('eng', user);
    const { entries } = await system.app.get(AuditService).search({ limit: 5 }, { payloads: true });
    expect(entries.map(({ type, reason }) => [type, reason])).toEqual([
      ['scim.group', 'create'],
      ['scim.user', 'patch'],
      ['auth.session-ended', 'scim'],
      ['auth.sign-in', null],
      ['scim.user', 'create'],
    ]);
    expect(entries[1]).toMatchObject({ client: { id: 'scim:corp' }, target: user });
    const { text } = await system.app.get(Metrics).exposition();
    expect(text).toMatch(/mcp_sso_revocation_time_to_cut_seconds_count\{path="scim"\} [1-9]/);
  });

  test('where the tokens say the groups, SCIM takes none', async () => {
    await system[Symbol.asyncDispose]();
    await start({ groups: 'token' });
    await alice();
    expect(await groupsOf(await signIn())).toEqual(['corp/from-token']);
    expect(await send('POST', '/Groups', { displayName: 'eng' })).toMatchObject({
      status: 404,
      body: { status: '404', detail: expect.stringContaining('identity.providers.corp.scim.groups') as string },
    });
    expect((await send('GET', '/ResourceTypes')).body).toMatchObject({ totalResults: 1 });
  });
});
