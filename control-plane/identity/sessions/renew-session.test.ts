import { expect, test } from 'vitest';
import { onEachEngine } from '../../storage/testing/engines.js';
import { openTestStorage } from '../../storage/testing/open-storage.js';
import type { Session } from '../caller.js';
import { endSession } from './end-session.js';
import { savePerson } from './persons.js';
import { renewSession } from './renew-session.js';
import { loadSession, toRow } from './session-rows.js';

const ALICE = { provider: 'corp', issuer: 'https://idp.test', subject: 'alice', email: null, name: null };
const SIGN_IN = {
  groups: ['corp/new'],
  acr: 'phr',
  amr: ['hwk'],
  authTime: 2_000,
  idpSession: 'two',
  managedDevice: true,
  lastUsedAt: 2_500,
};

const SEALED = { refreshToken: Buffer.from('new'), tokens: null };

onEachEngine((engine) => {
  test.for([
    ['are those of the new sign-in', 1_000, ['corp/new'], true, 2_000],
    ['stay where the IdP was asked after it', 3_000, ['corp/old'], false, 3_000],
  ] as const)('its groups and device %s', async ([, idpCheckedAt, groups, managedDevice, checkedAt]) => {
    await using database = await openTestStorage(engine);
    const { db } = database.storage;
    const session = await storedSession(database, idpCheckedAt);
    expect(await renewSession(db, session, { ...SIGN_IN, idpCheckedAt: 2_000 }, SEALED)).toBe(true);
    const renewed = { ...session, ...SIGN_IN, groups, managedDevice, idpCheckedAt: checkedAt };
    expect(await loadSession(db, session.id)).toEqual(renewed);
  });

  test('one that has ended, or is another person’s, is not renewed', async () => {
    await using database = await openTestStorage(engine);
    const { db } = database.storage;
    const session = await storedSession(database, 1_000);
    const renew = (of: Session) => renewSession(db, of, { ...SIGN_IN, idpCheckedAt: 2_000 }, SEALED);
    const bob = await savePerson(db, { ...ALICE, subject: 'bob' }, 1);
    expect(await renew({ ...session, person: bob })).toBe(false);
    await endSession(db, session.id, 'signed-out', 1_500);
    expect(await renew(session)).toBe(false);
  });
});

async function storedSession(
  { storage: { db } }: Awaited<ReturnType<typeof openTestStorage>>,
  idpCheckedAt: number,
): Promise<Session> {
  const session: Session = {
    id: 'ses_1',
    person: await savePerson(db, ALICE, 1),
    clientId: 'mcp-sso-bridge',
    deviceName: null,
    address: '192.0.2.1',
    groups: ['corp/old'],
    acr: 'mfa',
    amr: ['pwd'],
    authTime: 1_000,
    idpCheckedAt,
    createdAt: 1_000,
    lastUsedAt: 1_000,
    expiresAt: 9_000,
    kind: 'person',
    actors: [],
    idleSeconds: null,
    idpSession: 'one',
    managedDevice: false,
  };
  await db
    .insertInto('sessions')
    .values(toRow(session, Buffer.from('old')))
    .execute();
  return session;
}
