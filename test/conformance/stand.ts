import { afterAll, beforeAll } from 'vitest';
import { Laptop } from '../../demo/walk/laptop.js';
import { signIn } from '../support/person.js';
import { useStack } from '../support/stack.js';
import { StdioFront } from '../support/stdio-front/stdio-front.js';
import { TokenProxy } from '../support/token-proxy.js';
import { FixtureServer } from './fixture/listen.js';

const SERVER = 'conformance';
const POLICY = `@id("all-of-${SERVER}") @reason("For the test.")
permit (principal, action, resource in Mcp::Server::"${SERVER}");
`;

/** Addresses of one MCP server: itself, and by each way through the product. */
export interface Ways {
  readonly direct: string;
  readonly gateway: string;
  readonly bridge: string;
}

/** The fixture behind the demo company's control plane, and alice's bridge, for the tests of one file. */
export function useStand(): () => Ways {
  const fixture = new FixtureServer();
  let proxy: TokenProxy | undefined;
  let front: StdioFront | undefined;
  let ways: Ways | undefined;
  let direct = '';
  const stack = useStack(async () => {
    direct = await fixture.listen();
    proxy = await TokenProxy.listen();
    return { publicPort: proxy.port, more: { servers: `  ${SERVER}:\n    url: ${direct}\n`, policies: POLICY } };
  });
  beforeAll(async () => {
    const { addresses, folder } = stack();
    proxy?.forwardTo(addresses.listen);
    proxy?.actAs(await signIn(stack(), 'alice'));
    const laptop = new Laptop('alice', folder);
    await laptop.login(addresses.publicUrl);
    front = new StdioFront({ ...laptop.commandLine(['bridge', '--server', SERVER]), cwd: laptop.elsewhere });
    ways = { direct, gateway: `${addresses.publicUrl}/mcp/${SERVER}`, bridge: await front.listen() };
  });
  afterAll(async () => {
    await front?.close();
    await proxy?.close();
    await fixture.close();
  });
  return () => {
    if (!ways) throw new Error('The stand is not running.');
    return ways;
  };
}
