import { PATHS, SCOPES } from '#shared/api/paths.js';
import { endedSchema, type ListedSession } from '#shared/api/sessions.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { confirm as askAtTerminal } from '../../system/ask.js';
import { printable } from '../../system/printable.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { reportEnded } from '../sessions/report-ended.js';
import { signInsHere } from '../sessions/sign-ins-here.js';
import { ownSession, ownSessions } from './own-sessions.js';

export interface EndOptions extends CommonOptions {
  readonly allOthers?: boolean;
  readonly yes?: boolean;
}

export interface EndParts {
  readonly call: CallApi;
  /** Ids of the sign-ins that this computer keeps. */
  readonly here: () => Promise<ReadonlySet<string>>;
  readonly confirm: (question: string) => Promise<boolean>;
}

export function addSessionsEnd({ program, run }: Mount): void {
  program.addCommand(
    newCommand('end', 'End one of your sessions, or all but this computer’s', 'mcp-sso me sessions end --all-others')
      .argument('[session]', 'id of the session, as the list shows it')
      .option('--all-others', 'all but the sign-ins of this computer')
      .option('--yes', 'do not ask')
      .action((session: string | undefined, options: EndOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.sessionsRead, SCOPES.sessionsWrite]);
          const call: CallApi = (method, path) => api.request(method, path);
          const here = () => signInsHere(context);
          return endOwnSessions(context, session, options, {
            call,
            here,
            confirm: (question) => askAtTerminal(question),
          });
        }),
      ),
  );
}

/** Ends what was named, once the person has agreed; resolves to 1 where not. Throws `usage` where nobody can be asked, and `not_found`. */
export async function endOwnSessions(
  context: CommandContext,
  id: string | undefined,
  { allOthers = false, yes = false }: EndOptions,
  { call, here, confirm }: EndParts,
): Promise<number> {
  if ((id === undefined) !== allOthers) {
    throw new CodedError('usage', { message: 'Name either a session or --all-others.' });
  }
  if (!yes && !context.interactive) {
    throw new CodedError('usage', { message: 'Nobody can be asked here. Add --yes to end without asking.' });
  }
  const chosen = id === undefined ? others(await ownSessions(call), await here()) : [await ownSession(call, id)];
  if (chosen.length > 0 && !yes && !(await confirm(questionAbout(chosen, id)))) {
    context.stderr('Nothing was ended.\n');
    return 1;
  }
  reportEnded(context, await endAll(chosen, call));
  return 0;
}

function others(sessions: readonly ListedSession[], here: ReadonlySet<string>): ListedSession[] {
  return sessions.filter(({ id, current }) => !current && !here.has(id));
}

function questionAbout(chosen: readonly ListedSession[], id: string | undefined): string {
  if (id !== undefined) return `End session ${printable(id)}?`;
  return chosen.length === 1 ? 'End your one other session?' : `End your ${chosen.length} other sessions?`;
}

/** One that ended with another, or meanwhile, needs no end. */
async function endAll(sessions: readonly ListedSession[], call: CallApi): Promise<string[]> {
  const ended = new Set<string>();
  for (const { id } of sessions) {
    if (ended.has(id)) continue;
    try {
      const answer = readAnswer(endedSchema, await call('DELETE', `${PATHS.sessions}/${encodeURIComponent(id)}`));
      for (const one of answer.ended) ended.add(one);
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'not_found')) throw error;
    }
  }
  return [...ended];
}
