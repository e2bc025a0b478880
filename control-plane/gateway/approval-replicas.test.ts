import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { goOnAt } from '../audit/testing/go-on-at.js';
import { SeverableProxy } from '../../test/support/severable-proxy.js';
import { ApprovalsService } from '../policy/approvals/approvals.service.js';
import { APPLICATION } from '../storage/dedicated-connection/dedicated-connection.js';
import { Notifications } from '../storage/notifications/notifications.js';
import { onEachEngine, onPostgres } from '../storage/testing/engines.js';
import { TestDatabase } from '../storage/testing/test-database.js';
import {
  approvedServer,
  approver,
  APPROVAL_POLICIES,
  APPROVAL_TOOLS,
  callTool,
  heldCall,
} from './testing/approving.js';
import { OpenGateway } from './testing/open-gateway.js';
import type { UpstreamServer } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** An hour: whoever waits for it to end runs out of the test's time. */
const FOR_EVER = 3_600_000;
const lead = (name = 'dora') => approver(name, ['idp/leads']);
const approvalsOf = ({ app }: OpenGateway) => app.get(ApprovalsService, { strict: false });
const security = () => approver('carol', ['idp/security']);

onEachEngine((engine) => {
  let upstream: UpstreamServer;
  let database: TestDatabase;
  let stack: AsyncDisposableStack;
  /** Two replicas on PostgreSQL; on SQLite, where there is one, twice the same. */
  let here: OpenGateway;
  let there: OpenGateway;

  async function open(location: string): Promise<OpenGateway> {
    const servers = { crm: { url: upstream.url, tools: APPROVAL_TOOLS } };
    return stack.use(await OpenGateway.open({ database: location, policies: APPROVAL_POLICIES, servers }));
  }

  beforeAll(async () => {
    stack = new AsyncDisposableStack();
    database = stack.use(await TestDatabase.create(engine));
    upstream = stack.use(await approvedServer());
    here = await open(database.location);
    there = engine === 'postgres' ? await open(database.location) : here;
  });
  afterAll(async () => {
    vi.useRealTimers();
    await stack.disposeAsync();
  });
  beforeEach(() => void (upstream.seen.length = 0));

  const made = () => upstream.calls().filter(({ message }) => message.method === 'tools/call').length;
  const votes = async (id: string) =>
    here.storage.db.selectFrom('approval_votes').select('approver').where('approval_id', '=', id).execute();

  test('an approval is used once, however many calls come at once to whichever replica', async () => {
    const { id } = await heldCall(here, 'delete', { account: 1 });
    expect(await there.desk.decide(id, lead(), 'approve')).toMatchObject({ state: 'approved' });
    const answers = await Promise.all(
      [here, there, here, there, here, there].map((gateway) => callTool(gateway, 'delete', { account: 1 })),
    );
    expect(answers.filter(({ text }) => text === 'did delete')).toHaveLength(1);
    expect(made()).toBe(1);
    // The others have asked anew, and all for the same.
    expect(new Set(answers.flatMap(({ held }) => held?.id ?? [])).size).toBe(1);
  });

  test('calls at once ask once', async () => {
    const held = await Promise.all(
      [here, there, here, there].map((gateway) => heldCall(gateway, 'delete', { account: 2 })),
    );
    expect(new Set(held.map(({ id }) => id)).size).toBe(1);
  });

  test('a vote at one replica wakes who waits at the other', async () => {
    const { id, requestState } = await heldCall(here, 'delete', { account: 3 });
    const waiting = approvalsOf(here).waitFor(id, FOR_EVER, new AbortController().signal);
    const going = callTool(here, 'delete', { account: 3 }, { requestState });
    await there.desk.decide(id, lead(), 'approve');
    await waiting;
    expect((await going).text).toBe('did delete');
  });

  test('a state is worth nothing again, at another replica either', async () => {
    const { id, requestState } = await heldCall(here, 'ask', { account: 4 });
    await there.desk.decide(id, lead(), 'approve');
    const { held } = await callTool(there, 'ask', { account: 4 }, { requestState });
    const answered = { requestState: held!.requestState, inputResponses: { q: { action: 'accept' } } };
    const rounds = await Promise.all([here, there].map((one) => callTool(one, 'ask', { account: 4 }, answered)));
    expect(rounds.filter(({ text }) => text === 'did ask')).toHaveLength(1);
    for (const gateway of [here, there]) {
      expect((await callTool(gateway, 'ask', { account: 4 }, { requestState })).text).toContain('was used already');
    }
    expect(made()).toBe(2);
  });

  test('two votes at once both count, one person’s two votes once', async () => {
    const { id } = await heldCall(here, 'wipe', { account: 5 });
    const twice = await Promise.allSettled([here, there].map(({ desk }) => desk.decide(id, lead(), 'approve')));
    expect(twice.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await here.desk.show(id, security())).state).toBe('open');
    await there.desk.decide(id, security(), 'approve');
    expect((await callTool(here, 'wipe', { account: 5 })).text).toBe('did wipe');
    const other = await heldCall(here, 'wipe', { account: 6 });
    await Promise.all([
      here.desk.decide(other.id, lead(), 'approve'),
      there.desk.decide(other.id, security(), 'approve'),
    ]);
    expect((await callTool(there, 'wipe', { account: 6 })).text).toBe('did wipe');
  });

  test('of an approval and a refusal at once one holds', async () => {
    const { id } = await heldCall(here, 'delete', { account: 7 });
    const both = await Promise.allSettled([
      here.desk.decide(id, lead('dora'), 'approve'),
      there.desk.decide(id, lead('bob'), 'refuse'),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await votes(id)).toHaveLength(1);
    const approved = both[0].status === 'fulfilled';
    expect((await callTool(here, 'delete', { account: 7 })).text).toContain(approved ? 'did delete' : 'refused it');
  });

  // Once there is a record of that time, the log takes none that is minutes older.
  test('a vote that comes with the last millisecond, or while it passes, is none', async () => {
    const { id } = await heldCall(here, 'delete', { account: 8 });
    const { expiresAt } = await here.desk.show(id, lead());
    goOnAt(expiresAt);
    const late = { code: 'request_invalid', message: expect.stringContaining('has expired') };
    await expect(here.desk.decide(id, lead(), 'approve')).rejects.toMatchObject(late);
    vi.setSystemTime(expiresAt - 1);
    const voting = lead();
    const write = here.audit.write.bind(here.audit);
    const passing = vi.spyOn(here.audit, 'write').mockImplementationOnce(async (record) => {
      const written = await write(record);
      vi.setSystemTime(expiresAt);
      return written;
    });
    await expect(here.desk.decide(id, voting, 'approve')).rejects.toMatchObject(late);
    passing.mockRestore();
    expect(await votes(id)).toEqual([]);
    vi.setSystemTime(expiresAt - 1);
    expect(await here.desk.decide(id, lead(), 'approve')).toMatchObject({ state: 'approved' });
  });

  test('an approval is good until its last millisecond', async () => {
    // The test before has left records of a later time.
    goOnAt(Date.now() + 3_600_000);
    const { id } = await heldCall(here, 'delete', { account: 9 });
    const { expiresAt } = await here.desk.decide(id, lead(), 'approve');
    vi.setSystemTime(expiresAt);
    expect((await callTool(here, 'delete', { account: 9 })).held?.id).not.toBe(id);
    expect(made()).toBe(0);
    vi.setSystemTime(expiresAt - 1);
    await here.storage.db.deleteFrom('approvals').where('id', '!=', id).execute();
    expect((await callTool(there, 'delete', { account: 9 })).text).toBe('did delete');
  });
});

onPostgres(() => {
  test('a replica that hears nothing looks for itself', async () => {
    await using database = await TestDatabase.create('postgres');
    await using proxy = await SeverableProxy.to(database.location);
    await using upstream = await approvedServer();
    const servers = { crm: { url: upstream.url, tools: APPROVAL_TOOLS } };
    const options = { policies: APPROVAL_POLICIES, servers };
    await using near = await OpenGateway.open({ ...options, database: database.location });
    await using deaf = await OpenGateway.open({ ...options, database: proxy.url });
    const { id } = await heldCall(deaf, 'delete', { account: 1 });
    proxy.sever(APPLICATION);
    const notifications = deaf.app.get(Notifications, { strict: false });
    await vi.waitFor(() => expect(notifications.current).toBe(false), { timeout: 30_000, interval: 5 });
    const waiting = approvalsOf(deaf).waitFor(id, FOR_EVER, new AbortController().signal);
    await near.desk.decide(id, lead(), 'approve');
    await waiting;
    expect(notifications.current).toBe(false);
    proxy.mend();
  });
});
