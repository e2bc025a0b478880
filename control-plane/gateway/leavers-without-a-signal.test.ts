import { decodeJwt } from 'jose';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { proof } from '../../test/support/proof.js';
import { AuditService } from '../audit/audit.service.js';
import { IdentityService } from '../identity/identity.service.js';
import { SessionsService } from '../identity/sessions/sessions.service.js';
import { startApplication, type TestApplication } from '../identity/testing/application.js';
import { TestClient, type Tokens } from '../identity/testing/client.js';
import { requestToken } from '../identity/testing/machine.js';
import { RemoteClient } from '../identity/testing/remote-client.js';
import { onEachEngine } from '../storage/testing/engines.js';
import { TestDatabase } from '../storage/testing/test-database.js';
import { keepConfirmed } from './call/keep-confirmed.js';

const SECOND = 1_000;
const APP = { clientId: 'https://claude.test/client', redirectUri: 'https://claude.test/callback' };
const PLATFORM = { client_id: 'agent-platform', client_secret: 'secret-of-the-platform-0123456789' };
/** What a client hears that must sign in anew. */
const REFUSED = ['token_invalid', 'session_ended'];
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

onEachEngine((engine) => {
  let database: TestDatabase;
  /** On PostgreSQL two control planes; on SQLite one, which is both. */
  let replicas: TestApplication[];
  let left: number;

  beforeEach(async () => {
    // First, because some parts keep the clock that they find when they start. It stands but for `until`.
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Math.floor(Date.now() / SECOND) * SECOND });
    database = await TestDatabase.create(engine);
    const options = {
      database: database.location,
      clients: { metadataDocuments: { seeded: { [APP.clientId]: { redirect_uris: [APP.redirectUri] } } } },
      provider: { identityAssertions: { clients: { [PLATFORM.client_id]: { clientSecret: 'env:PLATFORM' } } } },
      environment: { PLATFORM: PLATFORM.client_secret },
    };
    replicas = [await startApplication(options)];
    const { idp, publicUrl } = first();
    if (engine === 'postgres') replicas.push(await startApplication({ ...options, idp, publicUrl }));
    idp.users.set('alice', { email: 'alice@corp.test', name: 'Alice', groups: [], active: true });
  });
  afterEach(async () => {
    vi.useRealTimers();
    for (const replica of replicas.toReversed()) await replica[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const first = () => replicas[0] as TestApplication;
  const mcp = () => `${first().publicUrl}/mcp`;
  const until = (seconds: number) => vi.advanceTimersByTimeAsync(left + seconds * SECOND - Date.now());

  async function call(token: string, bridge?: TestClient): Promise<string[]> {
    const url = mcp();
    return Promise.all(
      replicas.map(async ({ app }) => {
        const dpop = bridge ? [await proof(bridge.keys, { method: 'POST', url, accessToken: token })] : [];
        const authorization = [`${bridge ? 'DPoP' : 'Bearer'} ${token}`];
        const identified = app
          .get(IdentityService)
          .identify({ method: 'POST', url, authorization, dpop, audiences: [url] });
        return identified.then(
          () => 'in',
          ({ code }: { code: string }) => code,
        );
      }),
    );
  }

  async function idJag(assertion: string): Promise<string> {
    const { access_token: token } = await requestToken(first().publicUrl, {
      grant_type: JWT_BEARER,
      assertion,
      ...PLATFORM,
    });
    return token ?? '';
  }

  test('who left is out 360 seconds later, with calls, refreshes and streams, and the grace has no part in it', async () => {
    const { publicUrl, idp } = first();
    const [bridge, idle] = [await TestClient.of(publicUrl), await TestClient.of(publicUrl)];
    const [remote, idleRemote] = [await RemoteClient.of(publicUrl, APP), await RemoteClient.of(publicUrl, APP)];
    const signedIn: Tokens[] = [];
    for (const client of [idle, bridge]) signedIn.push(await client.signIn('alice', { resource: mcp() }));
    for (const client of [idleRemote, remote]) signedIn.push(await client.signIn('alice'));
    const [idleTokens, tokens, idleRemoteTokens, remoteTokens] = signedIn as [Tokens, Tokens, Tokens, Tokens];
    const claims = { sub: 'alice', aud: publicUrl, client_id: PLATFORM.client_id, resource: mcp(), scope: 'mcp' };
    left = Date.now();
    const assertion = await idp.sign({ ...claims, exp: Math.floor(left / SECOND) + 300 }, { typ: 'oauth-id-jag+jwt' });
    idp.users.get('alice')!.active = false;

    // As late as a token may be had without a question to the identity provider.
    await until(59);
    const asked = idp.tokenRequests;
    const late = (await bridge.refresh(tokens.refresh_token!)).access_token;
    const { access_token: lateRemote, refresh_token: next } = await remote.refresh(remoteTokens.refresh_token!);
    const asserted = await idJag(assertion);
    expect(idp.tokenRequests).toBe(asked);
    const early: [string, TestClient?][] = [[idleTokens.access_token, idle], [idleRemoteTokens.access_token]];
    const latest: [string, TestClient?][] = [[late, bridge], [lateRemote], [asserted]];

    for (const [seconds, those] of [
      [300, early],
      [359, latest],
    ] as const) {
      const streams = await Promise.all(
        those.map(([token], index) => stream(replicas[index % replicas.length]!, token)),
      );
      await until(seconds - 1);
      for (const one of those) expect(await call(...one)).toEqual(replicas.map(() => 'in'));
      await until(seconds);
      expect(await Promise.all(streams.map(({ over }) => over))).toEqual(those.map(() => 'session_ended'));
      for (const one of those) for (const code of await call(...one)) expect(REFUSED).toContain(code);
    }
    const refused = { error: 'invalid_grant' };
    await expect(bridge.refresh(tokens.refresh_token!)).rejects.toMatchObject(refused);
    await expect(idle.refresh(idleTokens.refresh_token!)).rejects.toMatchObject(refused);
    await expect(remote.refresh(next!)).rejects.toMatchObject(refused);
    expect(await idJag(assertion)).toBe('');
    const { entries } = await first().app.get(AuditService).search({ type: 'auth.grace', limit: 1 });
    expect(entries).toEqual([]);
  });
});

/** A call that streams at a replica for as long as it may; `over` resolves to why it ended. */
async function stream({ app }: TestApplication, token: string): Promise<{ readonly over: Promise<string> }> {
  const { sid, exp = 0 } = decodeJwt<{ sid: string }>(token);
  const session = await app.get(SessionsService).read(sid);
  if (!session) throw new Error('no session');
  const { promise, resolve } = Promise.withResolvers<string>();
  const abort = ({ code }: { code: string }) => resolve(code);
  const watch = keepConfirmed(
    app.get(IdentityService),
    { session, tokenExpiresAt: exp * SECOND },
    { abort, lasting: true },
  );
  return { over: promise.finally(() => watch[Symbol.dispose]()) };
}
