import { Command } from 'commander';
import { example, type Mount } from '../command.js';
import { addConnectionsList } from './connections-list.js';
import { addConnectionsRevoke } from './connections-revoke.js';
import { addExports } from './exports.js';
import { addHolds } from './holds/holds.js';
import { addMdm } from './mdm.js';
import { addServers } from './servers.js';
import { addSessionsEnd } from './sessions-end.js';
import { addSessionsList } from './sessions-list.js';
import { addSessionsShow } from './sessions-show.js';
import { addUsers } from './users.js';

/** `mcp-sso admin …`: what helpdesk, admins and owners do for others, and everyone for themselves. */
export function addAdmin({ program, run }: Mount): void {
  const admin = new Command('admin')
    .description(
      'See and end sessions and connections, list people, servers and exports, hold records, write the MDM kit',
    )
    .addHelpText('after', example('mcp-sso admin users'));
  const sessions = new Command('sessions')
    .description('List live sessions, or end them')
    .addHelpText('after', example('mcp-sso admin sessions list'));
  addSessionsList({ program: sessions, run });
  addSessionsEnd({ program: sessions, run });
  addSessionsShow({ program: sessions, run });
  admin.addCommand(sessions);
  const connections = new Command('connections')
    .description('List people’s accounts at MCP servers, or revoke them')
    .addHelpText('after', example('mcp-sso admin connections list'));
  addConnectionsList({ program: connections, run });
  addConnectionsRevoke({ program: connections, run });
  admin.addCommand(connections);
  addUsers({ program: admin, run });
  addServers({ program: admin, run });
  addExports({ program: admin, run });
  addHolds({ program: admin, run });
  addMdm({ program: admin, run });
  program.addCommand(admin);
}
