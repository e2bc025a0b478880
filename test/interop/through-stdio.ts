import { describe, expect, it } from 'vitest';
import { expectNoBridge, usePersonWithBridge } from './person-with-bridge.js';
import type { BridgeCommand, Conversation } from './stdio-clients.js';

/** Each client starts the executable as an MCP server over stdio, lists, calls and ends. */
export function describeStdioClients(
  clients: Readonly<Record<string, (bridge: BridgeCommand) => Promise<Conversation>>>,
): void {
  describe('over stdio', () => {
    const alice = usePersonWithBridge();

    it.each(Object.entries(clients))('%s lists and calls, and leaves no process behind', async (_, connect) => {
      const { bridge, home, folder } = alice();
      const conversation = await connect({ command: bridge, args: ['bridge'], home, cwd: folder });
      try {
        expect(await conversation.list()).toEqual(
          expect.arrayContaining(['crm__get_customer', 'files__read_text_file']),
        );
        expect(await conversation.call('crm__get_customer', { id: 'c-1' })).toContain('Nordwind Logistics');
      } finally {
        await conversation.close();
      }
      await expectNoBridge(alice());
    });
  });
}
