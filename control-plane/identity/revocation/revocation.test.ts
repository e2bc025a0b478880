import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { AuditService } from '../../audit/audit.service.js';
import { Metrics } from '../../observability/metrics.js';
import { startApplication } from '../testing/application.js';
import { REDIRECT_URI, TestClient } from '../testing/client.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { RevocationService } from './revocation.service.js';
import { StorageService } from '../../storage/storage.service.js';

test('a disabled person is out at once, stays out, and may come back once enabled', async () => {
  await using system = await startApplication();
  system.idp.users.set('alice', { groups: [], active: true });
  const client = await TestClient.of(system.publicUrl);
  const tokens = await client.signIn('alice');
  const { id } = await system.app.get(StorageService).db.selectFrom('persons').select('id').executeTakeFirstOrThrow();
  const revocations = system.app.get(RevocationService);
  const how = { path: 'scim', heardAt: Date.now() } as const;

  expect(await revocations.disable(id, 'scim:corp', how)).toBe(1);
  await expect(client.refresh(tokens.refresh_token!)).rejects.toMatchObject({ error: 'invalid_grant' });
  const page = await (await TestClient.of(system.publicUrl)).toConfirmPage('alice');
  expect(page.status).toBe(403);
  expect(page.text).toContain('Your account has been disabled');
  const { text } = await system.app.get(Metrics).exposition();
  expect(text).toContain('mcp_sso_revocation_time_to_cut_seconds_count{path="scim"} 1');

  expect(await revocations.enable(id, 'ssf:corp')).toBe(false);
  expect(await revocations.enable(id, 'scim:corp', how.heardAt - 1)).toBe(false);
  expect(await revocations.enable(id, 'scim:corp')).toBe(true);
  await (await TestClient.of(system.publicUrl)).signIn('alice');
});

test('a sign-in that is half done when its person is put out comes to nothing, and stays so', async () => {
  await using system = await startApplication();
  system.idp.users.set('alice', { groups: [], active: true });
  const client = await TestClient.of(system.publicUrl);
  const confirm = await client.toConfirmPage('alice');
  const { db } = system.app.get(StorageService);
  const { id } = await db.selectFrom('persons').select('id').executeTakeFirstOrThrow();
  await system.app.get(RevocationService).endPeople([id], { path: 'universal-logout', heardAt: Date.now() });
  const page = await client.browser.submit(confirm, { decision: 'approve' }, REDIRECT_URI);
  expect(page.status).toBe(403);
  expect(page.text).toContain('Your sign-ins were ended while this one was under way.');
  expect(await db.selectFrom('sessions').select('id').execute()).toEqual([]);
  const { entries } = await system.app.get(AuditService).search({ limit: 10 }, { payloads: true });
  expect(entries.map(({ type, reason }) => [type, reason])).toEqual([
    ['auth.refused', 'the person’s sign-ins were ended while this one was under way'],
  ]);
  await (await TestClient.of(system.publicUrl)).signIn('alice');
});

test('calls under way of a person who is disabled end, also where nothing more came of it', async () => {
  await using system = await startApplication();
  system.idp.users.set('alice', { groups: [], active: true });
  const tokens = await (await TestClient.of(system.publicUrl)).signIn('alice');
  const { db } = system.app.get(StorageService);
  const session = String(decodeJwt(tokens.access_token)['sid']);
  const sessions = system.app.get(SessionsService);
  expect([...(await sessions.liveAmong([session]))]).toEqual([session]);
  await db.updateTable('persons').set({ disabled_at: 1, disabled_by: 'scim:corp' }).execute();
  expect([...(await sessions.liveAmong([session]))]).toEqual([]);
});
