import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laptop } from '../../demo/walk/laptop.js';
import { signIn } from '../support/person.js';
import { useStack } from '../support/stack.js';
import { TokenProxy } from '../support/token-proxy.js';
import { CLIENTS, type ClientName } from './clients.js';
import { FurtherServers, SERVERS, type PublishedServer } from './servers.js';

export type Cell = readonly [client: ClientName, server: string];

/** Lists and calls a tool by each pair of client and server, through one control plane. */
export function describeMatrix(cells: readonly Cell[]): void {
  const further = new FurtherServers();
  let proxy: TokenProxy | undefined;
  let laptop: Laptop;
  const stack = useStack(async () => {
    proxy = await TokenProxy.listen();
    return { publicPort: proxy.port, more: await further.start() };
  });
  beforeAll(async () => {
    const { addresses, folder } = stack();
    proxy?.forwardTo(addresses.listen);
    proxy?.actAs(await signIn(stack(), 'alice'));
    laptop = new Laptop('alice', folder);
    await laptop.login(addresses.publicUrl);
  });
  afterAll(async () => {
    await proxy?.close();
    await further.stop();
  });

  describe('through the control plane', () => {
    it.each(cells)('%s lists and calls the tools of %s', async (client, id) => {
      const server = serverOf(id);
      const url = `${stack().addresses.publicUrl}/mcp/${id}`;
      const conversation = await CLIENTS[client]({ url, server: id, laptop });
      try {
        expect(await conversation.list()).toEqual(expect.arrayContaining([...server.tools]));
        expect(await conversation.call(server.call.name, server.call.arguments)).toMatch(server.answer);
      } finally {
        await conversation.close();
      }
    });
  });
}

function serverOf(id: string): PublishedServer {
  const server = SERVERS.find((one) => one.id === id);
  if (!server) throw new Error(`There is no server ${id} here.`);
  return server;
}
