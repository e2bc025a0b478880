import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { PATHS } from '#shared/api/paths.js';
import { META } from '#shared/mcp/meta.js';
import { ROOT } from '../../demo/stack/root.js';
import { ask, idsOf, signInToAdminister } from '../support/admin.js';
import { AnotherControlPlane } from '../support/another-control-plane.js';
import { searchAudit } from '../support/audit.js';
import { balanced, longCall } from '../support/long-call.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, signInAsAuditor, type SignedIn } from '../support/person.js';
import { createPostgresDatabase, dropPostgresDatabase, runSql } from '../support/postgres-database.js';
import { SeverableProxy } from '../support/severable-proxy.js';
import { useStack } from '../support/stack.js';

const server = inject('postgresUrl');
const NOTICES = 'mcp-sso-notices';
const KILL_NOTICES = `select pg_terminate_backend(pid) from pg_stat_activity
  where application_name = '${NOTICES}' and datname = current_database()`;
const REFUSAL = '"session_ended"';
const PROMISED_MS = 1_000;
/** A server of an older revision, which asks its client in the middle of a call. */
const ASKING = `
  asking:
    command: ${JSON.stringify([process.execPath, join(ROOT, 'test', 'support', 'hosted-server.mjs'), 'legacy'])}
    isolation: none
    network: host
`;
const ASK_POLICY = `
@id("asking") @reason("For the test.")
permit (principal, action, resource == Mcp::Tool::"asking/ask");
`;
const eventually = { timeout: 30_000, interval: 20 };

describe.skipIf(server === null)('two control planes (needs apt-get install -y postgresql)', () => {
  let database: string;
  let proxy: SeverableProxy;
  let b: AnotherControlPlane;
  let dave: SignedIn;
  const stack = useStack(async () => {
    database = await createPostgresDatabase(server ?? '');
    return { database, more: { servers: ASKING, policies: ASK_POLICY } };
  });

  beforeAll(async () => {
    proxy = await SeverableProxy.to(database);
    b = await AnotherControlPlane.start(stack(), 'replica-b', proxy.url);
    dave = await signInToAdminister(stack(), 'dave');
  });
  afterAll(async () => {
    await b[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await stack().stopControlPlane();
    await dropPostgresDatabase(database);
  });

  const headersOf = (by: SignedIn, method: string, path: string) =>
    balanced(stack().addresses.publicUrl, by, method, path);

  /** A call of the CRM at one of the two. */
  async function callAt(at: string, by: SignedIn) {
    return sendMcp(`${at}/mcp`, await headersOf(by, 'POST', PATHS.mcp), 'tools/call', {
      name: 'crm__list_customers',
      arguments: {},
    });
  }

  /** Somebody who has called at both, so that both remember the session. */
  async function signedIn(person: string): Promise<SignedIn> {
    const by = await signIn(stack(), person);
    for (const at of [stack().addresses.publicUrl, b.address]) expect((await callAt(at, by)).status).toBe(200);
    return by;
  }

  async function endAtA(whose: SignedIn): Promise<void> {
    const path = `${PATHS.sessions}/${idsOf(whose).session}`;
    expect((await ask(stack(), dave, 'DELETE', path)).status).toBe(200);
  }

  /**
   * Calls at b until an answer is `wanted`, or was not though its call began too late to be answered otherwise. Resolves
   * to when the last call that was answered otherwise began: milliseconds from now.
   */
  async function lastOtherAnswer(by: SignedIn, wanted: string): Promise<number> {
    const from = performance.now();
    let last = 0;
    while (last < PROMISED_MS) {
      const begun = performance.now() - from;
      if ((await callAt(b.address, by)).text.includes(wanted)) return last;
      last = begun;
    }
    return last;
  }

  /** A long call at b, once its first progress has arrived. */
  const streamAtB = (by: SignedIn) => longCall(stack().addresses.publicUrl, b.address, by);

  it('a session that is ended on one is refused by the other within a second, and its stream ends', async () => {
    const alice = await signedIn('alice');
    const stream = await streamAtB(alice);
    await endAtA(alice);
    expect(await lastOtherAnswer(alice, REFUSAL)).toBeLessThan(PROMISED_MS);
    expect(await stream.rest()).toContain(REFUSAL);
  });

  it('and still is where the other hears nothing any more, its streams too', async ({ annotate }) => {
    const alice = await signedIn('alice');
    const stream = await streamAtB(alice);
    proxy.sever(NOTICES);
    await endAtA(alice);
    const last = await lastOtherAnswer(alice, REFUSAL);
    await annotate(`the last call that was answered from memory began ${Math.round(last)} ms after the end`);
    expect(last).toBeLessThan(PROMISED_MS);
    expect(await stream.rest()).toContain(REFUSAL);
    proxy.mend();
  });

  it('and where its connection for notices is killed again and again', async () => {
    const alice = await signedIn('alice');
    const killing = new AbortController();
    const killer = (async () => {
      while (!killing.signal.aborted) await runSql(database, KILL_NOTICES);
    })();
    await endAtA(alice);
    expect(await lastOtherAnswer(alice, REFUSAL)).toBeLessThan(PROMISED_MS);
    killing.abort();
    await killer;
  });

  it('and by one that stood still, though its memory is full of what was', async () => {
    const alice = await signedIn('alice');
    b.signal('SIGSTOP');
    await endAtA(alice);
    const late = delay(PROMISED_MS).then(() => callAt(b.address, alice));
    await delay(PROMISED_MS + 500);
    b.signal('SIGCONT');
    expect((await late).status).toBe(401);
  });

  it('who ends on both at once has one record of it', async () => {
    const bob = await signedIn('bob');
    const { session } = idsOf(bob);
    const path = `${PATHS.sessions}/${session}`;
    const endings = [stack().addresses.publicUrl, b.address].map(async (at) =>
      request(at + path, { method: 'DELETE', headers: await headersOf(dave, 'DELETE', path) }),
    );
    const answers = await Promise.all(endings);
    for (const { statusCode, body } of answers) {
      await body.dump();
      expect([200, 404]).toContain(statusCode);
    }
    const entries = await searchAudit(stack(), await signInAsAuditor(stack()), { type: 'auth.session-ended' });
    expect(entries.filter((entry) => entry.session === session)).toHaveLength(1);
  });

  it('a call that waits for its client at one is not known at the other, which says so and calls nothing', async () => {
    const alice = await signIn(stack(), 'alice');
    const askAt = async (at: string, more: object = {}) => {
      const _meta = { [META.clientCapabilities]: { elicitation: {} } };
      const params = { name: 'asking__ask', arguments: {}, _meta, ...more };
      const { text } = await sendMcp(`${at}/mcp`, await headersOf(alice, 'POST', PATHS.mcp), 'tools/call', params);
      return JSON.parse(/\{.*\}/.exec(text)?.[0] ?? '') as {
        result?: Record<string, unknown>;
        error?: { message: string; data: object };
      };
    };
    const a = stack().addresses.publicUrl;
    const { result } = await askAt(a);
    expect(result).toMatchObject({ resultType: 'input_required' });
    const answer = { requestState: result?.['requestState'], inputResponses: { question: { action: 'accept' } } };
    const { error } = await askAt(b.address, answer);
    expect(error).toMatchObject({ data: { code: 'outcome_unknown' } });
    expect(error?.message).toMatch(/another replica has it\. It is not known whether it took effect\.$/);
    expect((await askAt(a, answer)).result).toMatchObject({ content: [{ type: 'text', text: '{"action":"accept"}' }] });
  });

  it('changed groups act on the other within a second', async () => {
    const carol = await signIn(stack(), 'carol');
    expect((await callAt(b.address, carol)).text).toContain('Contractors have no access to customer data.');
    await stack().changePerson('carol', { groups: ['sales'] });
    const { session } = idsOf(carol);
    await runSql(database, `update sessions set idp_checked_at = idp_checked_at - 120000 where id = '${session}'`);
    await runSql(database, `notify mcp_sso, 'session-changed ${session}'`);
    const { configuration, refreshToken, keys } = carol;
    const DPoP = oidc.getDPoPHandle(configuration, keys);
    const refresh = () =>
      oidc.refreshTokenGrant(configuration, refreshToken, { resource: `${stack().addresses.publicUrl}/mcp` }, { DPoP });
    await refresh();
    expect(await lastOtherAnswer(carol, 'Nordwind')).toBeLessThan(PROMISED_MS);
  });

  it('two that start for the first time at once make one schema and one set of keys', async () => {
    const fresh = await createPostgresDatabase(server ?? '');
    const both = await Promise.all(
      ['first-1', 'first-2'].map((name) => AnotherControlPlane.start(stack(), name, fresh)),
    );
    const rows = await runSql(fresh, 'select purpose from signing_keys order by purpose');
    expect(rows).toEqual([{ purpose: 'assertions' }, { purpose: 'audit' }, { purpose: 'tokens' }]);
    const keys = await Promise.all(both.map(async ({ address }) => (await fetch(address + PATHS.jwks)).text()));
    expect(keys[0]).toBe(keys[1]);
    await Promise.all(both.map((one) => one[Symbol.asyncDispose]()));
    await dropPostgresDatabase(fresh);
  });

  it('what the leader did is done by the other when the leader is killed', async () => {
    const bob = await signedIn('bob');
    const { session } = idsOf(bob);
    await letALead();
    await runSql(database, `update sessions set expires_at = 1 where id = '${session}'`);
    await stack().stopControlPlane('SIGKILL');
    const reason = `select ended_reason from sessions where id = '${session}'`;
    await vi.waitFor(
      async () => expect(await runSql(database, reason)).toEqual([{ ended_reason: 'expired' }]),
      eventually,
    );
    expect((await callAt(b.address, bob)).status).toBe(401);
  });

  async function letALead(): Promise<void> {
    proxy.sever(NOTICES);
    await runSql(database, KILL_NOTICES);
    const holders = `select pid from pg_locks join pg_database d on d.oid = database
      where locktype = 'advisory' and objid = 7402 and granted and datname = current_database()`;
    await vi.waitFor(async () => expect(await runSql(database, holders)).toHaveLength(1), eventually);
    proxy.mend();
    const listening = `select pid from pg_stat_activity
      where application_name = '${NOTICES}' and datname = current_database() and query like '%pg_notify%'`;
    await vi.waitFor(async () => expect(await runSql(database, listening)).toHaveLength(2), eventually);
  }
});
