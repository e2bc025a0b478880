import { decodeJwt } from 'jose';
import { afterEach, expect, test, vi } from 'vitest';
import { CLIENTS } from '#shared/api/paths.js';
import { StorageService } from '../storage/storage.service.js';
import { onEachEngine } from '../storage/testing/engines.js';
import { TestDatabase } from '../storage/testing/test-database.js';
import { ExpirySweep } from './expiry-sweep.js';
import { RateLimit } from './rate-limit/rate-limit.js';
import { startApplication } from './testing/application.js';
import { TestClient } from './testing/client.js';

onEachEngine((engine) => {
  test('what has expired is cleared away, and an expired session is ended with all that it held', async () => {
    await using database = await TestDatabase.create(engine);
    await using system = await startApplication({ database: database.location });
    system.idp.users.set('alice', { groups: [], active: true });
    const client = await TestClient.of(system.publicUrl, CLIENTS.admin);
    const tokens = await client.signIn('alice', { scope: 'openid self' });
    const id = String(decodeJwt(tokens.access_token)['sid']);
    const { db } = system.app.get(StorageService);
    await db.updateTable('sessions').set({ expires_at: 1 }).where('id', '=', id).execute();
    await db.updateTable('oidc_payloads').set({ expires_at: 1 }).where('grant_id', 'is', null).execute();
    const now = Date.now();
    await db
      .insertInto('dpop_proofs')
      .values([
        { id: 'old', expires_at: now - 1 },
        { id: 'new', expires_at: now + 60_000 },
      ])
      .execute();
    await system.app.get(ExpirySweep).sweep();
    expect(await db.selectFrom('dpop_proofs').select('id').where('id', 'in', ['old', 'new']).execute()).toEqual([
      { id: 'new' },
    ]);
    const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(row.ended_reason).toBe('expired');
    expect(row.sealed_idp_refresh_token.length).toBe(0);
    // By it, and by nothing else, whoever refreshes learns why.
    expect(await db.selectFrom('oidc_payloads').select(['model', 'sealed']).execute()).toEqual([
      { model: 'RetiredRefreshToken', sealed: Buffer.alloc(0) },
    ]);
    const answer = await client.fetch(`${system.publicUrl}/api/v1/probe`, tokens.access_token);
    expect(await answer.json()).toMatchObject({ code: 'session_ended' });
  });

  test('a request for approval forgets its arguments an hour after its end, and goes with its votes after 90 days', async () => {
    await using database = await TestDatabase.create(engine);
    await using system = await startApplication({ database: database.location });
    const { db } = system.app.get(StorageService);
    const [now, hour] = [Date.now(), 3_600_000];
    const person = { id: 'usr_a', provider: 'corp', issuer: 'i', subject: 's', email: null, name: null, created_at: 1 };
    await db.insertInto('persons').values(person).execute();
    for (const [id, expires] of [
      ['new', now - hour + 60_000],
      ['old', now - hour],
      ['gone', now - 90 * 24 * hour],
    ] as const) {
      const call = { digest: id, person_id: 'usr_a', session_id: 'ses_a', server: 'crm', target: 'delete' };
      const demand = { revision: 'r', groups: '[]', policies: '[]', sealed: Buffer.from('sealed') };
      const times = { created_at: 1, expires_at: expires, decided_at: null, used_at: null };
      await db
        .insertInto('approvals')
        .values({ id, state: 'open', ...call, ...demand, ...times })
        .execute();
      const vote = { approval_id: id, approver: 'usr_b', verdict: 'approve', groups: '[]', voted_at: 1 };
      await db.insertInto('approval_votes').values(vote).execute();
    }
    await system.app.get(ExpirySweep).sweep();
    const left = await db.selectFrom('approvals').select(['id', 'sealed']).orderBy('id').execute();
    expect(left.map(({ id, sealed }) => [id, sealed.toString()])).toEqual([
      ['new', 'sealed'],
      ['old', ''],
    ]);
    const votes = await db.selectFrom('approval_votes').select('approval_id').orderBy('approval_id').execute();
    expect(votes.map(({ approval_id: id }) => id)).toEqual(['new', 'old']);
  });
});

afterEach(() => vi.useRealTimers());

test('an address that sends too much is refused before anything is looked up', async () => {
  // The clock stands, so that nothing comes back while the test runs.
  vi.useFakeTimers({ toFake: ['performance'] });
  await using system = await startApplication();
  const limit = system.app.get(RateLimit);
  while (limit.admits('127.0.0.1')) continue;
  for (const path of ['/oauth/authorize', '/oauth/jwks', '/auth/callback?state=x']) {
    const answer = await fetch(system.publicUrl + path);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('5');
  }
});
