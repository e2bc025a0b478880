import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CLIENTS } from '#shared/api/paths.js';
import { proof } from '../../../test/support/proof.js';
import { AuditService } from '../../audit/audit.service.js';
import type { Engine } from '../../storage/engine.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestClient, type Tokens } from '../testing/client.js';
import { KeyRotation } from './key-rotation.service.js';
import { SigningKeys } from './signing-keys.service.js';

const HOUR = 3_600_000;
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const eventually = { timeout: 30_000, interval: 20 };

const heardAll = ({ app }: TestApplication) =>
  vi.waitFor(() => expect(app.get(Notifications).current).toBe(true), eventually);

onEachEngine((engine: Engine) => {
  let database: TestDatabase;
  /** All control planes on the database: two on PostgreSQL, the one there may be on SQLite. */
  let replicas: TestApplication[];
  let client: TestClient;
  let tokens: Tokens;

  beforeEach(async () => {
    database = await TestDatabase.create(engine);
    const first = await startApplication({ database: database.location });
    replicas = [first];
    if (engine === 'postgres') {
      const { publicUrl, idp } = first;
      replicas.push(await startApplication({ database: database.location, publicUrl, idp }));
    }
    first.idp.users.set('alice', { groups: [], active: true });
    client = await TestClient.of(first.publicUrl, CLIENTS.admin);
    tokens = await client.signIn('alice', { scope: 'openid self' });
    await Promise.all(replicas.map((system) => heardAll(system)));
  });
  afterEach(async () => {
    await Promise.all(replicas.map((system) => system[Symbol.asyncDispose]()));
    await database[Symbol.asyncDispose]();
  });

  const [kidOf, sessionOf] = [
    ({ access_token: token }: Tokens) => decodeProtectedHeader(token).kid,
    ({ access_token: token }: Tokens) => decodeJwt(token)['sid'],
  ];
  const rotation = () => replicas[0]!.app.get(KeyRotation);
  const refreshed = () => client.refresh(tokens.refresh_token ?? '');

  /** What each of them answers to a token; the proof names the one public address. */
  async function statuses({ access_token: token }: Tokens): Promise<number[]> {
    const url = `${replicas[0]!.publicUrl}/api/v1/probe`;
    const answers: number[] = [];
    for (const { address } of replicas) {
      const dpop = await proof(client.keys, { method: 'GET', url, accessToken: token });
      const headers = { authorization: `DPoP ${token}`, dpop };
      answers.push((await fetch(`${address}/api/v1/probe`, { headers })).status);
    }
    return answers;
  }

  async function publishedAtEach(): Promise<string[][]> {
    const found = await Promise.all(replicas.map(({ address }) => fetch(`${address}/oauth/jwks`)));
    const sets = await Promise.all(found.map((answer) => answer.json() as Promise<{ keys: { kid: string }[] }>));
    for (const { keys } of sets) for (const key of keys) expect(key).not.toHaveProperty('d');
    return sets.map(({ keys }) => keys.map(({ kid }) => kid));
  }

  const everywhere = (kids: (string | undefined)[]) =>
    vi.waitFor(async () => expect(await publishedAtEach()).toEqual(replicas.map(() => kids)), eventually);

  /** As if so much time had gone by for the keys, and all had noticed. */
  async function later(milliseconds: number): Promise<void> {
    await database.run(`update signing_keys set created_at = created_at - ${milliseconds},
      active_from = active_from - ${milliseconds}, retire_at = retire_at - ${milliseconds} where purpose = 'tokens'`);
    await tell();
  }

  async function tell(): Promise<void> {
    await replicas[0]!.app.get(Notifications).publish({ topic: 'signing-keys', id: '' }, () => Promise.resolve());
  }

  test('sessions go on through a rotation, on every control plane and with no restart', async () => {
    const old = kidOf(tokens);
    const next = await rotation().rotate('tokens', { reason: 'test' });
    await everywhere([old, next.kid]);
    expect(kidOf(await refreshed())).toBe(old);
    expect(await statuses(tokens)).toEqual(replicas.map(() => 200));

    await later(24 * HOUR);
    await everywhere([next.kid, old]);
    const after = await refreshed();
    expect(kidOf(after)).toBe(next.kid);
    expect(sessionOf(after)).toBe(sessionOf(tokens));
    expect(await statuses(tokens)).toEqual(replicas.map(() => 200));
    expect(await statuses(after)).toEqual(replicas.map(() => 200));

    await later(2 * HOUR);
    await everywhere([next.kid]);
    expect(await statuses(tokens)).toEqual(replicas.map(() => 401));
    expect(await statuses(after)).toEqual(replicas.map(() => 200));
  });

  test('a leaked key is worth nothing from the commit on, and the next refresh brings another', async () => {
    expect(await statuses(tokens)).toEqual(replicas.map(() => 200));
    const { kid } = await rotation().replace('tokens', { reason: 'it leaked' });
    await everywhere([kid]);
    expect(await statuses(tokens)).toEqual(replicas.map(() => 401));
    const after = await refreshed();
    expect(kidOf(after)).toBe(kid);
    expect(await statuses(after)).toEqual(replicas.map(() => 200));
  });

  test('of several that rotate at once one does it, and each has its record', async () => {
    const before = await publishedAtEach();
    const rotations = await Promise.all(
      [...replicas, ...replicas].map(({ app }) => app.get(KeyRotation).rotate('tokens', { reason: 'test' })),
    );
    expect(new Set(rotations.map(({ kid }) => kid)).size).toBe(1);
    expect(rotations.filter(({ pending }) => !pending)).toHaveLength(1);
    await everywhere([before[0]![0], rotations[0]!.kid]);
    const audit = replicas[0]!.app.get(AuditService);
    const { entries } = await audit.search({ type: 'signing-key.rotate', limit: 100 });
    expect(entries.length).toBe(rotations.length);
  });

  test('a key that grows old is followed by itself, and one that has signed its last is deleted', async () => {
    expect(await rotation().keepUp()).toEqual([]);
    await later(89 * 24 * HOUR);
    const [next] = await rotation().keepUp();
    expect(next).toMatchObject({ pending: false });
    expect(await rotation().keepUp()).toEqual([]);
    await later(26 * HOUR);
    await rotation().keepUp();
    const rows = await database.query<{ kid: string }>("select kid from signing_keys where purpose = 'tokens'");
    expect(rows).toEqual([{ kid: next?.kid }]);
  });

  test('what cannot be read is believed no longer', async () => {
    const nothing = engine === 'postgres' ? "'\\x00'" : "x'00'";
    await database.run(`update signing_keys set sealed_private_jwk = ${nothing} where purpose = 'tokens'`);
    await tell();
    for (const { app } of replicas) {
      const unread = () =>
        expect(app.get(SigningKeys).confirm()).rejects.toMatchObject({ code: 'session_unconfirmed' });
      await vi.waitFor(unread, eventually);
    }
    expect(await statuses(tokens)).toEqual(replicas.map(() => 503));
  });
});
