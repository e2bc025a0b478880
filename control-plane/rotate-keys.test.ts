import { expect, test, vi } from 'vitest';
import { CONFIG } from './config/config.module.js';
import type { LoadedConfig } from './config/settings.js';
import { SigningKeys } from './identity/signing-keys/signing-keys.service.js';
import { startApplication } from './identity/testing/application.js';
import { rotateTokenKeys } from './rotate-keys.js';
import { onEachEngine } from './storage/testing/engines.js';
import { TestDatabase } from './storage/testing/test-database.js';

onEachEngine((engine) => {
  test('a running control plane notices what the command did beside it, without a restart', async () => {
    await using database = await TestDatabase.create(engine);
    await using system = await startApplication({ database: database.location });
    const keys = system.app.get(SigningKeys);
    const config = system.app.get<LoadedConfig>(CONFIG);
    const published = () => keys.current.published.map(({ kid }) => kid);
    const [old] = published();
    const next = await rotateTokenKeys(config, false);
    await vi.waitFor(() => expect(published()).toEqual([old, next.kid]), 10_000);
    expect(await rotateTokenKeys(config, false)).toEqual({ ...next, pending: true });
    const { kid } = await rotateTokenKeys(config, true);
    await vi.waitFor(() => expect(published()).toEqual([kid]), 10_000);
  });
});
