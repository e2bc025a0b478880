import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { ROOT } from '../../demo/stack/root.js';
import { signIn } from '../support/person.js';
import { useStack } from '../support/stack.js';
import { TokenProxy } from '../support/token-proxy.js';
import { UpstreamSwitch } from '../support/upstream-switch.js';
import { differences, lastingDifferences } from './compare.js';
import { clientScenarios, LEFT_OUT } from './client/scenarios.js';
import { REQUIREMENTS, scenariosOf, type Requirements } from './requirements.js';
import { checkClient, type Checks, type Verdict } from './suite.js';

/** Scenarios that are run at once: each is three processes, and some wait half a second for a message. */
const AT_ONCE = 4;

interface Place {
  readonly id: string;
  readonly switch: UpstreamSwitch;
  readonly url: string;
}

/** A server of its own for each scenario, because what the control plane learns of a server it remembers. */
const places = new Map<string, Place>();
const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-conformance-client-'));
const driver = join(folder, 'driver.mjs');
let proxy: TokenProxy;

const stack = useStack(async () => {
  proxy = await TokenProxy.listen();
  for (const version of REQUIREMENTS) {
    for (const scenario of clientScenarios(version, 'controlPlane')) {
      const upstream = new UpstreamSwitch();
      const place = { id: `s${places.size}`, switch: upstream, url: await upstream.listen() };
      places.set(`${version} ${scenario}`, place);
    }
  }
  const servers = [...places.values()].map(({ id, url }) => `  ${id}:\n    url: ${url}\n`).join('');
  const policies = `@id("all-of-the-scenarios") @reason("For the test.")
permit (principal in Mcp::Group::"demo/engineering", action, resource);
`;
  return { publicPort: proxy.port, more: { servers, policies } };
});

beforeAll(async () => {
  const entryPoints = [join(ROOT, 'test', 'conformance', 'client', 'driver.ts')];
  await build({ entryPoints, outfile: driver, bundle: true, platform: 'node', target: 'node24', format: 'esm' });
  proxy.forwardTo(stack().addresses.listen);
  proxy.actAs(await signIn(stack(), 'alice'));
});

afterAll(async () => {
  await proxy.close();
  for (const { switch: upstream } of places.values()) upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

test('what is left out is in the sets of the suite', () => {
  const known = new Set(REQUIREMENTS.flatMap((version) => scenariosOf(version, 'client')));
  const leftOut = LEFT_OUT.controlPlane.flatMap(({ scenarios }) => scenarios);
  expect(leftOut.filter((scenario) => !known.has(scenario))).toEqual([]);
});

describe.each(REQUIREMENTS)('as a client of servers of %s', (version) => {
  it('the SDK alone passes', async () => {
    const alone = await runAll(version, clientScenarios(version, 'sdk'));
    expect([...alone].filter(([, { status }]) => status === 'FAILURE')).toEqual([]);
  });

  it('the control plane passes in the same way', async () => {
    const scenarios = clientScenarios(version, 'controlPlane');
    const found = await lastingDifferences(async () => {
      const alone = await runAll(version, scenarios);
      return differences(alone, await runAll(version, scenarios, throughGateway));
    });
    expect(found).toEqual([]);
  });
});

type Environment = (version: Requirements, scenario: string) => Record<string, string>;

function throughGateway(version: Requirements, scenario: string): Record<string, string> {
  const place = places.get(`${version} ${scenario}`);
  if (place === undefined) throw new Error(`No server for ${version} ${scenario}.`);
  return { GATEWAY: `${stack().addresses.publicUrl}/mcp/${place.id}`, SWITCH: place.url };
}

async function runAll(
  version: Requirements,
  scenarios: readonly string[],
  env: Environment = () => ({}),
): Promise<Checks> {
  const command = `${process.execPath} ${driver}`;
  const left = [...scenarios];
  const found: (readonly [string, Verdict])[] = [];
  const work = async (): Promise<void> => {
    for (let scenario = left.shift(); scenario !== undefined; scenario = left.shift()) {
      found.push(...(await checkClient(command, scenario, version, env(version, scenario))));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return new Map(found);
}
