import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laptop } from '../../demo/walk/laptop.js';
import { connectClient } from '../support/mcp.js';
import { signIn, type SignedIn } from '../support/person.js';
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
  let alice: SignedIn;
  const stack = useStack(async () => {
    proxy = await TokenProxy.listen();
    return { publicPort: proxy.port, more: await further.start() };
  });
  beforeAll(async () => {
    const { addresses, folder } = stack();
    proxy?.forwardTo(addresses.listen);
    alice = await signIn(stack(), 'alice');
    proxy?.actAs(alice);
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
        const result: unknown = JSON.parse(await conversation.call(server.call.name, server.call.arguments));
        expect(result).toMatchObject(server.answer(join(stack().folder, 'share')));
        expect(result).not.toHaveProperty('isError', true);
      } finally {
        await conversation.close();
      }
    });

    it.each(['legacy', 'auto'] as const)('a client in mode %s finds the user interface of an MCP App', async (mode) => {
      const client = await connectClient(`${stack().addresses.publicUrl}/mcp`, alice, mode);
      try {
        const { tools } = await client.listTools();
        const uri = 'mcp.debug+ui://debug-tool/mcp-app.html';
        expect(tools.find(({ name }) => name === 'debug__debug-tool')?._meta).toEqual({
          ui: { resourceUri: uri },
          'ui/resourceUri': uri,
        });
        const { contents } = await client.readResource({ uri });
        expect(contents).toEqual([
          { uri, mimeType: 'text/html;profile=mcp-app', text: expect.stringMatching(/^<!DOCTYPE html>/) },
        ]);
      } finally {
        await client.close();
      }
    });
  });
}

function serverOf(id: string): PublishedServer {
  const server = SERVERS.find((one) => one.id === id);
  if (!server) throw new Error(`There is no server ${id} here.`);
  return server;
}
