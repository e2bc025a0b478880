import { expect, test, vi } from 'vitest';
import { CONFIG } from './config/config.module.js';
import type { LoadedConfig } from './config/settings.js';
import { CredentialsModule } from './credentials/credentials.module.js';
import { SigningKeys } from './identity/signing-keys/signing-keys.service.js';
import { startApplication } from './identity/testing/application.js';
import { rotateSigningKeys } from './rotate-keys.js';
import { onEachEngine } from './storage/testing/engines.js';
import { TestDatabase } from './storage/testing/test-database.js';

onEachEngine((engine) => {
  test('a running control plane notices what the command did beside it, without a restart', async () => {
    await using database = await TestDatabase.create(engine);
    await using system = await startApplication({ database: database.location, modules: [CredentialsModule] });
    const keys = system.app.get(SigningKeys);
    const config = system.app.get<LoadedConfig>(CONFIG);
    const published = () => keys.current.published.map(({ kid }) => kid);
    const [old] = published();
    const next = (await rotateSigningKeys(config, false)).get('tokens')!;
    await vi.waitFor(() => expect(published()).toEqual([old, next.kid]), 10_000);
    expect((await rotateSigningKeys(config, false)).get('tokens')).toEqual({ ...next, pending: true });
    const replaced = await rotateSigningKeys(config, true);
    await vi.waitFor(() => expect(published()).toEqual([replaced.get('tokens')!.kid]), 10_000);
    const assertions = async () => (await fetch(`${system.address}/.well-known/jwks.json`)).json();
    const expected = { keys: [{ kid: replaced.get('assertions')!.kid }] };
    await vi.waitFor(async () => expect(await assertions()).toMatchObject(expected), 10_000);
  });
});
