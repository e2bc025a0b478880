import { Command } from 'commander';
import { example, type Mount } from '../command.js';
import { addConnect } from './connect.js';
import { addList } from './list.js';
import { addRevoke } from './revoke.js';

/** `mcp-sso connections …`: one's own accounts at MCP servers. */
export function addConnections({ program, run }: Mount): void {
  const connections = new Command('connections')
    .description('See, make and revoke the connections of your own accounts at MCP servers')
    .addHelpText('after', example('mcp-sso connections connect github'));
  const mount = { program: connections, run };
  for (const add of [addList, addConnect, addRevoke]) add(mount);
  program.addCommand(connections);
}
