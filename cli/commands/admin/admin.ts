import { Command } from 'commander';
import type { Mount } from '../command.js';
import { addServers } from './servers.js';
import { addSessionsEnd } from './sessions-end.js';
import { addSessionsList } from './sessions-list.js';
import { addSessionsShow } from './sessions-show.js';
import { addUsers } from './users.js';

/** `mcp-sso admin …`: what helpdesk, admins and owners do for others, and everyone for themselves. */
export function addAdmin({ program, run }: Mount): void {
  const admin = new Command('admin').description('See and end sessions, list people and servers');
  const sessions = new Command('sessions').description('List live sessions, or end them');
  addSessionsList({ program: sessions, run });
  addSessionsEnd({ program: sessions, run });
  addSessionsShow({ program: sessions, run });
  admin.addCommand(sessions);
  addUsers({ program: admin, run });
  addServers({ program: admin, run });
  program.addCommand(admin);
}
