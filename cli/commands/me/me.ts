import { Command } from 'commander';
import { example, type Mount } from '../command.js';
import { addSessionsEnd } from './sessions-end.js';
import { addSessionsList } from './sessions-list.js';
import { addSessionsShow } from './sessions-show.js';

/** `mcp-sso me …`: what everyone sees and does about their own account, whatever their roles. */
export function addMe({ program, run }: Mount): void {
  const me = new Command('me')
    .description('See and end your own sessions')
    .addHelpText('after', example('mcp-sso me sessions list'));
  const sessions = new Command('sessions')
    .description('List your live sessions, or end them')
    .addHelpText('after', example('mcp-sso me sessions list'));
  addSessionsList({ program: sessions, run });
  addSessionsShow({ program: sessions, run });
  addSessionsEnd({ program: sessions, run });
  me.addCommand(sessions);
  program.addCommand(me);
}
