import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { auditPageSchema } from '#shared/api/audit.js';
import { disownedSchema } from '#shared/api/disowned-sessions.js';
import { ownActivitySchema } from '#shared/api/own-activity.js';
import { AuditService } from '../../audit/audit.service.js';
import { intent, outcome } from '../../audit/testing/records.js';
import { WEBHOOK_SECRET } from '../../messaging/testing/messaging.js';
import { Receiver } from '../../messaging/testing/receiver.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import { Company, type SignedIn } from '../testing/company.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ACTIVITY = '/api/v1/me/activity';
const NOT_ME = '/api/v1/me/disowned-sessions';
const EVER = '?since=2026-01-01T00:00:00Z';

onEachEngine((engine) => {
  let database: TestDatabase;
  let receiver: Receiver;
  let company: Company;
  const people = new Map<string, SignedIn>();
  const by = (name: string): SignedIn => people.get(name)!;
  const told = (): { type: string; data: Record<string, unknown> }[] =>
    receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> });

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    receiver = await Receiver.start();
    const webhooks = { soc: { url: receiver.url, secret: 'env:HOOK', events: ['session.disowned'] } };
    const settings = { database: database.location, notifications: { webhooks } };
    company = await Company.start(settings, { HOOK: WEBHOOK_SECRET });
    for (const name of ['carol', 'dora']) company.hire(name);
    for (const name of ['alice', 'bob', 'owner', 'auditor', 'carol']) people.set(name, await company.administer(name));
  });
  afterAll(async () => {
    await company[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  /** Puts calls of a person on record, as the gateway does. */
  async function call(who: SignedIn, session: string, target: string, denied?: string): Promise<string> {
    const audit = company.system.app.get(AuditService, { strict: false });
    const decision = denied === undefined ? 'allow' : 'deny';
    const facts = { person: who.person, session, server: 'crm', target, decision } as const;
    const { id } = await audit.write({
      ...intent(facts, { arguments: '{"iban":"DE02"}', ...(denied === undefined ? {} : { reason: denied }) }),
      phase: denied === undefined ? 'intent' : 'event',
    });
    if (denied === undefined) await audit.write({ ...outcome(id), subject: who.person });
    return id;
  }

  test('everyone sees their own calls, counted, with the last refusal’s reason, and no arguments', async () => {
    const laptop = await company.bridge('alice');
    await call(by('alice'), laptop.session, 'list');
    await call(by('alice'), laptop.session, 'list');
    const reference = await call(by('alice'), laptop.session, 'list', 'Only by day.');
    await call(by('bob'), by('bob').session, 'secret_of_bob');
    const { body } = await by('alice').ask('GET', ACTIVITY + EVER);
    expect(ownActivitySchema.parse(body)).toMatchObject({
      sessions: [{ id: laptop.session, client: 'mcp-bridge', title: 'mcp-sso', device: 'alice-laptop', live: true }],
      calls: [
        {
          session: laptop.session,
          claimedApp: 'Claude Desktop',
          server: 'crm',
          target: 'list',
          type: 'tool.call',
          calls: 3,
          denied: { count: 1, reason: 'Only by day.', code: null, reference },
        },
      ],
      more: false,
    });
    expect(JSON.stringify(body)).not.toMatch(/iban|secret_of_bob/);
    const after = await by('alice').ask('GET', `${ACTIVITY}?since=2100-01-01T00:00:00Z`);
    expect(after.body).toEqual({ sessions: [], calls: [], more: false });
    const none = await by('alice').ask('GET', `${ACTIVITY}${EVER}&until=2026-01-02T00:00:00Z`);
    expect(none.body).toEqual({ sessions: [], calls: [], more: false });
  });

  test('attack: no parameter shows another’s calls, not even to an owner or an auditor', async () => {
    const bob = by('bob');
    await call(bob, bob.session, 'secret_of_bob');
    for (const name of ['alice', 'owner', 'auditor']) {
      const { body } = await by(name).ask('GET', ACTIVITY + EVER);
      expect(JSON.stringify(body)).not.toContain('secret_of_bob');
      for (const widened of [`&user=${bob.person}`, `&person=${bob.person}`, `&session=${bob.session}`, '&user=me']) {
        expect(await by(name).ask('GET', ACTIVITY + EVER + widened)).toMatchObject({
          status: 400,
          body: { code: 'params_invalid' },
        });
      }
    }
  });

  test('that wasn’t me: the session ends with its refresh token, others live, and people are told', async () => {
    const stolen = await company.bridge('alice');
    const answer = await by('alice').ask('POST', NOT_ME, {}, { session: stolen.session });
    const { ended, reference } = disownedSchema.parse(answer.body);
    expect(ended).toEqual([stolen.session]);
    await expect(stolen.client.refresh(stolen.tokens.refresh_token!)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await by('alice').ask('GET', '/api/v1/sessions?user=me')).status).toBe(200);
    await vi.waitFor(() => expect(told()).toHaveLength(1), { timeout: 20_000, interval: 10 });
    expect(told()[0]).toMatchObject({
      type: 'session.disowned',
      data: {
        sentence: `alice@corp.test says of session ${stolen.session}: that wasn't me. It was ended. Look at what was done with it.`,
        person: { id: by('alice').person, shown: 'alice@corp.test' },
        subject: stolen.session,
        record: reference,
      },
    });
    const { body } = await by('auditor').ask('GET', '/api/v1/audit?type=session.disown');
    expect(auditPageSchema.parse(body).entries).toMatchObject([
      { id: reference, target: stolen.session, decision: 'allow', outcome: 'ok', affected: { id: by('alice').person } },
    ]);
    // It is over now, and worth an alarm all the same.
    const again = await by('alice').ask('POST', NOT_ME, {}, { session: stolen.session });
    expect(disownedSchema.parse(again.body).ended).toEqual([]);
    await vi.waitFor(() => expect(told()).toHaveLength(2), { timeout: 20_000, interval: 10 });
    expect(told()[1]?.data['sentence']).toContain('It had ended before.');
  });

  test('attack: another’s session neither ends nor is told from one that never was, whatever one’s roles', async () => {
    const bob = by('bob');
    const alarms = receiver.received.length;
    for (const name of ['alice', 'owner']) {
      const real = await by(name).ask('POST', NOT_ME, {}, { session: bob.session });
      expect(real.status).toBe(404);
      expect(real).toEqual(await by(name).ask('POST', NOT_ME, {}, { session: 'never-was' }));
    }
    for (const bad of [{}, { all: false }, { session: bob.session, all: true }, { all: true, user: bob.person }]) {
      expect(await by('alice').ask('POST', NOT_ME, {}, bad)).toMatchObject({ status: 400 });
    }
    expect((await bob.ask('GET', '/api/v1/sessions?user=me')).status).toBe(200);
    expect(receiver.received).toHaveLength(alarms);
  });

  test('attack: a thief with an old sign-in disowns nothing', async () => {
    company.hire('dora', Math.floor(Date.now() / 1000) - 3600);
    const thief = await company.administer('dora', { fresh: false });
    expect(await thief.ask('POST', NOT_ME, {}, { all: true })).toMatchObject({
      status: 401,
      body: { code: 'sign_in_stale' },
    });
    expect((await thief.ask('GET', '/api/v1/sessions?user=me')).status).toBe(200);
  });

  test('attack: who disowns all shuts nobody out: its owner signs in again, and alarms come to an end', async () => {
    let carol = by('carol');
    const laptop = await company.bridge('carol');
    const first = disownedSchema.parse((await carol.ask('POST', NOT_ME, {}, { all: true })).body);
    expect(first.ended.toSorted()).toEqual([carol.session, laptop.session].toSorted());
    expect(await carol.ask('GET', '/api/v1/sessions?user=me')).toMatchObject({ status: 401 });
    carol = await company.administer('carol');
    const missing = { session: 'never-was' };
    expect((await carol.ask('POST', NOT_ME, {}, missing)).status).toBe(404);
    for (let alarm = 2; alarm <= 5; alarm += 1) {
      expect((await carol.ask('POST', NOT_ME, {}, { session: laptop.session })).status).toBe(200);
    }
    expect(await carol.ask('POST', NOT_ME, {}, { all: true })).toMatchObject({
      status: 429,
      body: { code: 'rate_limited' },
    });
    expect((await carol.ask('DELETE', `/api/v1/sessions/${carol.session}`)).status).toBe(200);
  });
});
