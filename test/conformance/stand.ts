import { afterAll, beforeAll } from 'vitest';
import { Laptop } from '../../demo/walk/laptop.js';
import { signIn } from '../support/person.js';
import { everythingAt } from '../support/policies.js';
import { useStack } from '../support/stack.js';
import { StdioFront } from '../support/stdio-front/stdio-front.js';
import { TokenProxy } from '../support/token-proxy.js';
import { FixtureServer } from './fixture/listen.js';

const SERVER = 'conformance';
const LEGACY_SERVER = 'conformance-legacy';
const POLICY = `@id("all-of-the-fixtures") @reason("For the test.")
permit (principal, action, resource)
when { resource in Mcp::Server::"${SERVER}" || resource in Mcp::Server::"${LEGACY_SERVER}" };

${everythingAt('everything')}`;

/** Addresses of one MCP server: itself, and through the control plane. */
interface Ways {
  readonly direct: string;
  readonly gateway: string;
}

/** The servers that the suite is run against. */
export interface Stand {
  /** Ours, in both eras; also through alice's bridge. */
  readonly fixture: Ways & { readonly bridge: string };
  readonly legacyFixture: Ways;
  readonly everything: Ways;
}

/** The servers behind the demo company's control plane, and alice's bridge, for the tests of one file. */
export function useStand(): () => Stand {
  const fixture = new FixtureServer();
  const legacyFixture = new FixtureServer(true);
  let proxy: TokenProxy | undefined;
  let front: StdioFront | undefined;
  let stand: Stand | undefined;
  let direct = '';
  let legacyDirect = '';
  const stack = useStack(async () => {
    direct = await fixture.listen();
    legacyDirect = await legacyFixture.listen();
    proxy = await TokenProxy.listen();
    const servers = `  ${SERVER}: { url: "${direct}" }\n  ${LEGACY_SERVER}: { url: "${legacyDirect}" }\n`;
    return { publicPort: proxy.port, more: { servers, policies: POLICY } };
  });
  beforeAll(async () => {
    const { addresses, folder } = stack();
    proxy?.forwardTo(addresses.listen);
    proxy?.actAs(await signIn(stack(), 'alice'));
    const laptop = new Laptop('alice', folder);
    await laptop.login(addresses.publicUrl);
    front = new StdioFront({ ...laptop.commandLine(['bridge', '--server', SERVER]), cwd: laptop.elsewhere });
    const waysTo = (id: string, url: string): Ways => ({ direct: url, gateway: `${addresses.publicUrl}/mcp/${id}` });
    stand = {
      fixture: { ...waysTo(SERVER, direct), bridge: await front.listen() },
      legacyFixture: waysTo(LEGACY_SERVER, legacyDirect),
      everything: waysTo('everything', addresses.everything),
    };
  });
  afterAll(async () => {
    await front?.close();
    await proxy?.close();
    await Promise.all([fixture.close(), legacyFixture.close()]);
  });
  return () => {
    if (!stand) throw new Error('The stand is not running.');
    return stand;
  };
}
