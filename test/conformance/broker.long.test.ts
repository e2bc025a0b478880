import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../demo/stack/root.js';
import { differences, lastingDifferences, type Difference } from './compare.js';
import { signInScenarios } from './client/scenarios.js';
import { BROKER } from './differences.js';
import { REQUIREMENTS, type Requirements } from './requirements.js';
import { checkClient, type Checks, type Verdict } from './suite.js';

/** The suite numbers a check that is made again. The SDK reads metadata anew for each request; the broker keeps it for ten minutes. */
const MADE_AGAIN = / (?:authorization-server-metadata|prm-pathbased-requested) \S+ \d+$/;

/** A safety net: up to three comparisons of up to fifty scenarios each, on a machine that is busy. */
const TIMEOUT = 25 * 60_000;

const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-conformance-broker-'));
const sdk = join(folder, 'driver.mjs');
const broker = join(folder, 'broker.cjs');

beforeAll(async () => {
  const common = { bundle: true, platform: 'node', target: 'node24' } as const;
  const client = join(ROOT, 'test', 'conformance', 'client');
  await build({ ...common, entryPoints: [join(client, 'driver.ts')], outfile: sdk, format: 'esm' });
  await build({
    ...common,
    entryPoints: [join(client, 'broker.ts')],
    outfile: broker,
    format: 'cjs',
    packages: 'external',
    conditions: ['mcp-sso-source'],
    tsconfig: join(ROOT, 'tsconfig.json'),
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(REQUIREMENTS)('people’s connections to servers of %s', (version) => {
  it('are made in the same way as by the SDK, but for what is written down', { timeout: TIMEOUT }, async () => {
    const found = await lastingDifferences(async () => {
      const alone = await runAll(version, sdk);
      const ours = await runAll(version, broker);
      return differences(alone, ours)
        .filter((difference) => !isAccepted(version, difference))
        .filter(({ check, through }) => !(MADE_AGAIN.test(check) && through === 'not made'));
    });
    expect(found).toEqual([]);
  });
});

function isAccepted(version: Requirements, { check, through }: Difference): boolean {
  return BROKER.some(
    (entry) => entry.requirements === version && entry.check === check && (entry.through ?? through) === through,
  );
}

async function runAll(version: Requirements, program: string): Promise<Checks> {
  const command = `${process.execPath} ${program}`;
  const found: (readonly [string, Verdict])[] = [];
  for (const scenario of signInScenarios(version)) {
    found.push(...(await checkClient(command, scenario, version, { NODE_PATH: join(ROOT, 'node_modules') })));
  }
  return new Map(found);
}
