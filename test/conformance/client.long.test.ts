import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../demo/stack/root.js';
import { signIn } from '../support/person.js';
import { useStack } from '../support/stack.js';
import { TokenProxy } from '../support/token-proxy.js';
import { UpstreamSwitch } from '../support/upstream-switch.js';
import { differences, lastingDifferences } from './compare.js';
import { CLIENT_SCENARIOS } from './client/scenarios.js';
import { checkClient, REQUIREMENTS, type Checks, type Requirements } from './suite.js';

const DRIVER = `${process.execPath} ${join(ROOT, 'test/conformance/client/driver.ts')}`;

interface Place {
  readonly id: string;
  readonly switch: UpstreamSwitch;
  readonly url: string;
}

/** A server of its own for each scenario, because what the control plane learns of a server it remembers. */
const places = new Map<string, Place>();
let proxy: TokenProxy;

const stack = useStack(async () => {
  proxy = await TokenProxy.listen();
  for (const version of REQUIREMENTS) {
    for (const scenario of CLIENT_SCENARIOS[version]) {
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
  proxy.forwardTo(stack().addresses.listen);
  proxy.actAs(await signIn(stack(), 'alice'));
});

afterAll(async () => {
  await proxy.close();
  for (const { switch: upstream } of places.values()) upstream.close();
});

describe.each(REQUIREMENTS)('as a client of servers of %s', (version) => {
  it('the SDK alone passes', async () => {
    const alone = await runAll(version, () => ({}));
    expect([...alone].filter(([, { status }]) => status === 'FAILURE')).toEqual([]);
  });

  it('the control plane passes in the same way', async () => {
    const found = await lastingDifferences(async () => {
      const alone = await runAll(version, () => ({}));
      return differences(alone, await runAll(version, (scenario) => throughGateway(`${version} ${scenario}`)));
    });
    expect(found).toEqual([]);
  });
});

function throughGateway(key: string): Record<string, string> {
  const place = places.get(key);
  if (place === undefined) throw new Error(`No server for ${key}.`);
  return { GATEWAY: `${stack().addresses.publicUrl}/mcp/${place.id}`, SWITCH: place.url };
}

async function runAll(version: Requirements, env: (scenario: string) => Record<string, string>): Promise<Checks> {
  const runs = CLIENT_SCENARIOS[version].map((scenario) => checkClient(DRIVER, scenario, version, env(scenario)));
  const found = await Promise.all(runs);
  return new Map(found.flatMap((checks) => Array.from(checks)));
}
