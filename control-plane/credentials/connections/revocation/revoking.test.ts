import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { goOnAt } from '../../../audit/testing/go-on-at.js';
import { Logger } from '../../../observability/logger.js';
import { SoleLeader } from '../../../storage/leadership/sole-leader.js';
import { onEachEngine } from '../../../storage/testing/engines.js';
import type { Connecting } from '../connection.js';
import { OpenConnections, type Replica } from '../testing/open-connections.js';
import { UpstreamAccount } from '../testing/upstream-account.js';
import { ConnectionRevocations, LEASE } from './connection-revocations.js';
import { claimRevocation } from './revocation-outbox.js';

const HOUR = 3_600_000;
const later = (milliseconds: number) => goOnAt(Date.now() + milliseconds);

function revocationsOf({ config, open }: Replica): ConnectionRevocations {
  const logger = new Logger('error', new PassThrough().resume());
  return new ConnectionRevocations(config, open.storage, new SoleLeader(), open.service, logger);
}

onEachEngine((engine) => {
  let upstream: UpstreamAccount;
  let company: OpenConnections;
  let replica: Replica;
  let alice: Connecting;
  let access: string;
  let refresh: string;

  beforeEach(() => begin());
  afterEach(async () => {
    vi.useRealTimers();
    await company[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  async function begin(revocation = true): Promise<void> {
    upstream = await UpstreamAccount.start({ revocation });
    company = await OpenConnections.create(engine, { files: { url: upstream.url, credential: { kind: 'oauth' } } });
    replica = await company.replica();
    alice = await replica.person('alice');
    await connect();
  }
  async function connect(): Promise<void> {
    await replica.connect(alice, 'files');
    const { secrets } = await replica.service.tokenFor(replica.tokenRequest(alice, 'files'));
    [access = '', refresh = ''] = secrets;
  }
  const end = async (by = replica): Promise<void> => {
    const [connection] = await by.service.list({});
    await by.service.end(connection!.id, { person: alice.person.id, reason: 'revoked by the person' });
  };
  const living = async (): Promise<boolean[]> => {
    const kept = await upstream.provider.RefreshToken.find(refresh);
    return [await upstream.takes(access), kept !== undefined && kept.isValid];
  };
  const waiting = () =>
    company.audit.database.query<{ attempts: number; sealed: Buffer }>('select * from connection_revocations');
  const records = async () => {
    const rows = await company.audit.database.query<{ header: string }>(
      'select header from audit_records order by idx',
    );
    const headers = rows.map(({ header }) => JSON.parse(header) as { type: string; facts: Record<string, string> });
    return headers
      .filter(({ type }) => /^connection\.(end|revoke)$/.test(type))
      .map(({ type, facts }) => [type, facts['outcome']]);
  };

  test('the local row is gone at once; then both tokens are dead where they were given, on record', async () => {
    expect(await living()).toEqual([true, true]);
    await end();
    await expect(replica.token(alice, 'files')).rejects.toMatchObject({ code: 'connection_needed' });
    expect([(await waiting()).length, await living()]).toEqual([1, [true, true]]);
    await revocationsOf(replica).go();
    expect([await waiting(), await living()]).toEqual([[], [false, false]]);
    expect(upstream.revocations).toBe(2);
    expect(await records()).toEqual([
      ['connection.end', undefined],
      ['connection.revoke', 'ok'],
    ]);
  });

  test('what waits is sealed: no token in it, and none that is put into another row opens', async () => {
    await end();
    await connect();
    await end();
    const rows = await waiting();
    const stored = Buffer.concat(rows.map(({ sealed }) => Buffer.from(sealed))).toString('latin1');
    for (const token of [access, refresh]) expect(stored).not.toContain(token);
    const { db } = replica.open.storage;
    const [one, other] = await db.selectFrom('connection_revocations').selectAll().orderBy('id').execute();
    for (const [id, sealed] of [
      [one!.id, other!.sealed],
      [other!.id, one!.sealed],
    ] as const) {
      await db.updateTable('connection_revocations').set({ sealed }).where('id', '=', id).execute();
    }
    await revocationsOf(replica).go();
    expect([upstream.revocations, await waiting()]).toEqual([0, []]);
  });

  test('while the authorization server is down it is tried again and again, and done when it is up', async () => {
    upstream.revokesNothing = true;
    await end();
    const revocations = revocationsOf(replica);
    await revocations.go();
    await revocations.go();
    expect([upstream.revocations, (await waiting())[0]?.attempts]).toEqual([1, 1]);
    later(HOUR);
    await revocations.go();
    expect([upstream.revocations, (await waiting())[0]?.attempts]).toEqual([2, 2]);
    upstream.revokesNothing = false;
    later(HOUR);
    await revocations.go();
    expect([await waiting(), await living()]).toEqual([[], [false, false]]);
    expect((await records()).at(-1)).toEqual(['connection.revoke', 'ok']);
  });

  test('after a day it is given up, on record', async () => {
    upstream.revokesNothing = true;
    await end();
    later(24 * HOUR - 1000);
    await revocationsOf(replica).go();
    expect([await waiting(), (await records()).at(-1)]).toEqual([[], ['connection.revoke', 'error']]);
  });

  test('a control plane that is killed in between loses nothing: another one does it', async () => {
    await end();
    await claimRevocation(replica.open.storage.db, Date.now(), LEASE);
    const revocations = revocationsOf(await company.replica());
    await revocations.go();
    expect([upstream.revocations, (await waiting()).length]).toEqual([0, 1]);
    later(LEASE + 1);
    await revocations.go();
    expect([await waiting(), await living()]).toEqual([[], [false, false]]);
  });

  test('of several replicas at once one does it', async () => {
    await end();
    const replicas = await Promise.all([1, 2, 3].map(() => company.replica()));
    await Promise.all(replicas.map((one) => revocationsOf(one).go()));
    expect([upstream.revocations, (await records()).length]).toEqual([2, 2]);
  });

  test('what can’t be put on record is tried again', async () => {
    await end();
    const { database } = company.audit;
    await database.breakWrites('insert', 'audit_records');
    const revocations = revocationsOf(replica);
    await revocations.go();
    expect(await waiting()).toHaveLength(1);
    await database.mendWrites('audit_records');
    later(HOUR);
    await revocations.go();
    expect([await waiting(), (await records()).at(-1)]).toEqual([[], ['connection.revoke', 'ok']]);
  });

  test('without a revocation endpoint that is on record, and nothing waits', async () => {
    await company[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await begin(false);
    await end();
    await revocationsOf(replica).go();
    expect([upstream.revocations, await waiting(), (await records()).at(-1)]).toEqual([
      0,
      [],
      ['connection.revoke', 'unknown'],
    ]);
  });

  test('a refresh under way on another replica brings nothing back, and what it got is revoked too', async () => {
    const other = await company.replica();
    const issued: string[] = [];
    upstream.provider.on('access_token.saved', ({ jti }: { jti: string }) => void issued.push(jti));
    const arrived = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    upstream.hold = () => (arrived.resolve(), release.promise);
    later(300_000);
    const call = other.token(alice, 'files');
    await arrived.promise;
    await end();
    release.resolve();
    await expect(call).rejects.toMatchObject({ code: 'connection_needed' });
    expect([await replica.service.list({}), issued.length, (await waiting()).length]).toEqual([[], 1, 2]);
    await revocationsOf(replica).go();
    expect([await waiting(), await upstream.takes(issued[0]!), await living()]).toEqual([[], false, [false, false]]);
  });
});
