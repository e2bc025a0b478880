import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../caller.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestClient, type Tokens } from '../testing/client.js';
import { SessionsService } from './sessions.service.js';

const MANAGED = { managedDevice: { claim: 'device', values: ['managed'] } };

let system: TestApplication;
beforeAll(async () => {
  system = await startApplication({ provider: MANAGED });
});
afterAll(() => system[Symbol.asyncDispose]());

function hire(name: string, device?: unknown): void {
  const said = device === undefined ? {} : { device };
  system.idp.users.set(name, { email: `${name}@corp.test`, name, groups: [], active: true, ...said });
}

function sessions(): SessionsService {
  return system.app.get(SessionsService);
}

async function sessionOf({ access_token: token }: Tokens): Promise<Session> {
  const session = await sessions().read(String(decodeJwt(token)['sid']));
  if (!session) throw new Error('no session');
  return session;
}

async function isManaged(tokens: Tokens): Promise<boolean> {
  return (await sessionOf(tokens)).managedDevice;
}

/** As if the IdP had last been asked two minutes ago. */
async function letTimePass(tokens: Tokens): Promise<void> {
  const session = await sessionOf(tokens);
  await sessions().applyFreshProfile(session, { ...session, ...session.person }, Date.now() - 120_000);
}

test('the IdP says at the sign-in that a device is managed, and at a refresh that it no longer is', async () => {
  hire('alice', 'managed');
  const client = await TestClient.of(system.publicUrl);
  const tokens = await client.signIn('alice');
  expect(await isManaged(tokens)).toBe(true);
  hire('alice');
  await letTimePass(tokens);
  const refreshed = await client.refresh(tokens.refresh_token ?? '');
  expect(await isManaged(refreshed)).toBe(false);
  hire('alice', 'managed');
  await letTimePass(refreshed);
  expect(await isManaged(await client.refresh(refreshed.refresh_token ?? ''))).toBe(true);
});

test('a client cannot claim it: not by its name, by parameters, or by asking the IdP for claims', async () => {
  hire('mallory', 'unmanaged');
  const client = await TestClient.of(system.publicUrl);
  const claims = JSON.stringify({ id_token: { device: { value: 'managed', essential: true } } });
  const extra = { device: 'managed', managed_device: 'true', managedDevice: 'true', claims };
  const tokens = await client.signIn('mallory', { deviceName: 'managed', extra });
  expect(await isManaged(tokens)).toBe(false);
});
