import { Command } from 'commander';
import { example, type Mount } from '../command.js';
import { addActivity } from './activity.js';
import { addNotMe } from './not-me.js';
import { addSessionsEnd } from './sessions-end.js';
import { addSessionsList } from './sessions-list.js';
import { addSessionsShow } from './sessions-show.js';

/** `mcp-sso me …`: what everyone sees and does about their own account, whatever their roles. */
export function addMe({ program, run }: Mount): void {
  const me = new Command('me')
    .description('See what was done as you, and where you are signed in; end what is not yours')
    .addHelpText('after', example('mcp-sso me --since yesterday'));
  addActivity({ program: me, run });
  addNotMe({ program: me, run });
  const sessions = new Command('sessions')
    .description('List your live sessions, or end them')
    .addHelpText('after', example('mcp-sso me sessions list'));
  addSessionsList({ program: sessions, run });
  addSessionsShow({ program: sessions, run });
  addSessionsEnd({ program: sessions, run });
  me.addCommand(sessions);
  program.addCommand(me);
}
