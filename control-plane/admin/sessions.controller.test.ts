import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditPageSchema } from '#shared/api/audit.js';
import { endedSchema, sessionPageSchema, sessionSchema } from '#shared/api/sessions.js';
import { Company, type SignedIn } from './testing/company.js';
import { SessionsService } from '../identity/sessions/sessions.service.js';
import { register, RemoteClient } from '../identity/testing/remote-client.js';
import { onEachEngine } from '../storage/testing/engines.js';
import { TestDatabase } from '../storage/testing/test-database.js';

const CLAUDE = { clientId: 'https://claude.test/oauth/client', redirectUri: 'https://claude.test/callback' };
const CLIENTS = {
  metadataDocuments: {
    seeded: { [CLAUDE.clientId]: { client_name: 'mcp-sso administration', redirect_uris: [CLAUDE.redirectUri] } },
  },
  registration: { redirectHosts: ['apps.test', 'localhost'] },
};
const NOTHING = {
  status: 404,
  body: { status: 404, code: 'not_found', detail: 'There is no such live session. List them to see their ids.' },
  challenge: '',
};

let database: TestDatabase;
const sessionsOf = async (by: SignedIn, query = '') =>
  sessionPageSchema.parse((await by.ask('GET', `/api/v1/sessions${query}`)).body);

onEachEngine((engine) => {
  let company: Company;
  let alice: SignedIn;
  let bob: SignedIn;
  let helpdesk: SignedIn;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    company = await Company.start({ database: database.location }, {}, CLIENTS);
    alice = await company.bridge('alice');
    bob = await company.administer('bob');
    helpdesk = await company.administer('helpdesk');
  });
  afterAll(async () => {
    await company[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test.each(['helpdesk', 'admin', 'owner'])('%s sees everyone’s sessions', async (role) => {
    const someone = await company.administer(role);
    const { sessions } = await sessionsOf(someone);
    expect(sessions.map(({ id }) => id)).toEqual(expect.arrayContaining([alice.session, bob.session, someone.session]));
    expect(sessions.find(({ id }) => id === alice.session)).toMatchObject({
      person: { id: alice.person, email: 'alice@corp.test', name: 'alice' },
      kind: 'person',
      actors: [],
      idleSeconds: 14_400,
      client: 'mcp-bridge',
      app: { title: 'mcp-sso', claimedName: null },
      device: 'alice-laptop',
      managedDevice: false,
      address: '127.0.0.1',
      current: false,
    });
    expect(sessions.find(({ current }) => current)?.id).toBe(someone.session);
  });

  test.each(['bob', 'author', 'approver', 'auditor'])('%s sees their own alone', async (name) => {
    const someone = await company.administer(name);
    const { sessions } = await sessionsOf(someone, '?user=me');
    expect(new Set(sessions.map(({ person }) => person.id))).toEqual(new Set([someone.person]));
    for (const query of ['', `?user=${alice.person}`, '?user=alice']) {
      expect(await someone.ask('GET', `/api/v1/sessions${query}`)).toMatchObject({
        status: 403,
        body: { code: 'role_missing' },
      });
    }
  });

  test.each(['alice@corp.test', 'ALICE', 'alice'])('?user=%s finds alice', async (user) => {
    const { sessions } = await sessionsOf(helpdesk, `?user=${user}`);
    expect(new Set(sessions.map(({ person }) => person.id))).toEqual(new Set([alice.person]));
  });

  test('pages follow one another without gap or repetition, newest first', async () => {
    const all = await sessionsOf(helpdesk);
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const next = cursor === null ? '' : `&cursor=${cursor}`;
      const page = await sessionsOf(helpdesk, `?limit=2${next}`);
      paged.push(...page.sessions.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(paged).toEqual(all.sessions.map(({ id }) => id));
  });

  test.each([
    ['GET', '/api/v1/sessions?limit=0', '`limit`'],
    ['GET', '/api/v1/sessions?cursor=zzz', '`cursor`'],
    ['GET', '/api/v1/sessions?colour=red', '`colour`: there is no such parameter'],
    ['DELETE', '/api/v1/sessions/a..b', '`id`'],
    ['DELETE', '/api/v1/sessions/abc?force=1', '`force`: there is no such parameter'],
    ['GET', '/api/v1/openapi.json?x=1', '`x`: there is no such parameter'],
  ])('%s %s: the bad parameter is named', async (method, path, name) => {
    expect(await helpdesk.ask(method, path)).toMatchObject({
      status: 400,
      body: { code: 'params_invalid', detail: expect.stringContaining(name) as string },
    });
  });

  test('an ended session is refused at once, and on record before and after, with whose it was', async () => {
    const carol = await company.administer('bob');
    const answer = await helpdesk.ask('DELETE', `/api/v1/sessions/${carol.session}`);
    expect(answer).toEqual({ status: 200, body: { ended: [carol.session] }, challenge: '' });
    expect(await carol.ask('GET', '/api/v1/sessions?user=me')).toMatchObject({
      status: 401,
      body: { code: 'session_ended' },
    });
    const auditor = await company.administer('auditor');
    const { entries } = auditPageSchema.parse((await auditor.ask('GET', '/api/v1/audit?type=session.end')).body);
    expect(entries[0]).toMatchObject({
      person: { id: helpdesk.person, email: 'helpdesk@corp.test' },
      affected: { id: carol.person, email: 'bob@corp.test' },
      target: carol.session,
      session: helpdesk.session,
      decision: 'allow',
      outcome: 'ok',
      address: '127.0.0.1',
    });
  });

  test('everyone may end their own session, and learns nothing about another’s', async () => {
    const author = await company.administer('author');
    const other = await company.administer('author');
    for (const id of [alice.session, 'never-was']) {
      expect(await author.ask('DELETE', `/api/v1/sessions/${id}`)).toEqual(NOTHING);
    }
    const { body } = await author.ask('DELETE', `/api/v1/sessions/${other.session}`);
    expect(endedSchema.parse(body)).toEqual({ ended: [other.session] });
    expect((await sessionsOf(helpdesk, '?user=alice')).sessions.map(({ id }) => id)).toContain(alice.session);
  });

  test('one session is shown to support and to whose it is; absent, ended and foreign ones look the same', async () => {
    const mine = await company.administer('bob');
    const ended = await company.administer('bob');
    await mine.ask('DELETE', `/api/v1/sessions/${ended.session}`);
    for (const by of [mine, helpdesk]) {
      const { status, body } = await by.ask('GET', `/api/v1/sessions/${mine.session}`);
      expect(status).toBe(200);
      expect(sessionSchema.parse(body)).toMatchObject({ id: mine.session, current: by === mine });
    }
    for (const id of [alice.session, ended.session, 'never-was', `${alice.session}.${'0'.repeat(32)}`]) {
      expect(await mine.ask('GET', `/api/v1/sessions/${id}`)).toEqual(NOTHING);
    }
    for (const id of [ended.session, 'never-was']) {
      expect(await helpdesk.ask('GET', `/api/v1/sessions/${id}`)).toEqual(NOTHING);
    }
  });

  test('an app of another company goes by its host, and by no name that it gave itself', async () => {
    const remote = await RemoteClient.of(company.system.publicUrl, CLAUDE);
    await remote.signIn('bob');
    const registered = await register(company.system.publicUrl, {
      client_name: 'mcp-sso',
      redirect_uris: ['https://apps.test/callback', 'http://localhost/callback'],
    });
    const own = { clientId: registered.body.client_id, redirectUri: 'https://apps.test/callback' };
    await (await RemoteClient.of(company.system.publicUrl, own)).signIn('bob');
    const { sessions } = await sessionsOf(helpdesk, '?user=bob@corp.test&limit=2');
    expect(sessions.map(({ client, app }) => [client, app])).toEqual([
      [own.clientId, { title: 'app at apps.test, localhost', claimedName: 'mcp-sso' }],
      [CLAUDE.clientId, { title: 'app of claude.test', claimedName: 'mcp-sso administration' }],
    ]);
  });

  test('what agents derived from a session is listed, pages go past it, and all ends with it', async () => {
    const person = await company.bridge('alice');
    const id = await delegate(company, person.session, ['service/assistant']);
    const again = await delegate(company, id, ['service/planner', 'service/assistant']);
    const [first, second] = [
      await sessionsOf(helpdesk, '?user=alice&limit=1'),
      await sessionsOf(helpdesk, '?user=alice'),
    ];
    expect(first.sessions[0]).toMatchObject({ id: again, actors: ['service/planner', 'service/assistant'] });
    const next = await sessionsOf(helpdesk, `?user=alice&limit=1&cursor=${first.nextCursor}`);
    expect(next.sessions).toEqual([second.sessions[1]]);
    expect(sessionSchema.parse((await helpdesk.ask('GET', `/api/v1/sessions/${again}`)).body).id).toBe(again);
    const { body } = await helpdesk.ask('DELETE', `/api/v1/sessions/${person.session}`);
    expect(endedSchema.parse(body).ended.toSorted()).toEqual([person.session, id, again].toSorted());
    expect(await helpdesk.ask('GET', `/api/v1/sessions/${again}`)).toEqual(NOTHING);
  });

  test('what can’t be put on record does not happen', async () => {
    const victim = await company.bridge('alice');
    await database.breakWrites('insert', 'audit_records');
    const refused = await helpdesk.ask('DELETE', `/api/v1/sessions/${victim.session}`);
    await database.mendWrites('audit_records');
    expect(refused).toMatchObject({ status: 503, body: { code: 'audit_unavailable' } });
    expect((await sessionsOf(helpdesk)).sessions.map(({ id }) => id)).toContain(victim.session);
  });
});

/** A session that stands on another, as a token exchange makes it. */
async function delegate({ system }: Company, parent: string, actors: readonly string[]): Promise<string> {
  const sessions = system.app.get(SessionsService);
  const session = (await sessions.read(parent))!;
  const id = `${parent}.${'x'.repeat(32)}`;
  await sessions.create({ ...session, id, actors, deviceName: null, createdAt: session.createdAt + 1 }, '');
  return id;
}
