import { expect, onTestFinished, test, vi } from 'vitest';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import type { LoadedConfig } from '../../config/settings.js';
import type { DefinitionsService } from '../../policy/definitions/definitions.service.js';
import { SETTINGS } from '../../policy/testing/decide-by.js';
import { policyCompiler } from '../../policy/validation/policy-compiler.js';
import { PolicyChecksController } from './policy-checks.controller.js';

vi.setConfig({ testTimeout: 60_000 });

test('checks that somebody sends by the dozen leave room for the policies that are published', async () => {
  onTestFinished(() => policyCompiler.end());
  const settings = SETTINGS;
  const config: LoadedConfig = {
    directory: '/nowhere',
    settings,
    policyFiles: [],
    masterKey: Buffer.alloc(32),
    environment: {},
  };
  const definitions = { knownAt: () => new Map() } as unknown as DefinitionsService;
  const checks = new PolicyChecksController(config, ActiveCatalog.of(config), definitions);
  const check = (text: string) => checks.check({ policies: [{ file: 'policies/a.cedar', text: `// ${text}` }] }, {});
  const under = ['a', 'b', 'c', 'd'].map((text) => check(text));
  await expect(check('e')).rejects.toMatchObject({ code: 'rate_limited' });
  expect((await policyCompiler.compile([], settings)).faults).toEqual([]);
  for (const verdict of await Promise.all(under)) expect(verdict.faults).toEqual([]);
  expect((await check('e')).faults).toEqual([]);
});
