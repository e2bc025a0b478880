import { expect, test } from 'vitest';
import { Metrics } from '../../observability/metrics.js';
import { startApplication } from '../testing/application.js';
import { TestClient } from '../testing/client.js';
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
