import { PATHS, SCOPES } from '#shared/api/paths.js';
import { endedSchema, type ListedSession } from '#shared/api/sessions.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { confirm as askAtTerminal } from '../../system/ask.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { fetchSessions } from '../sessions/fetch-sessions.js';
import { printable } from '../../system/printable.js';
import { WHO } from './list-options.js';
import { reportEnded } from '../sessions/report-ended.js';
import { who } from '../sessions/session-words.js';

export interface EndOptions extends CommonOptions {
  readonly user?: string;
  readonly yes?: boolean;
}

type Confirm = (question: string) => Promise<boolean>;

/** Enough to tell one person from several, and more sessions than one person has. */
const MOST_SESSIONS = 1000;

export function addSessionsEnd({ program, run }: Mount): void {
  program.addCommand(
    newCommand('end', 'End a session, or all of a person', 'mcp-sso admin sessions end --user bob@example.com')
      .argument('[session]', 'id of the session, as the list shows it')
      .option('--user <who>', `all sessions of one person: ${WHO}`)
      .option('--yes', 'do not ask')
      .action((session: string | undefined, options: EndOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.sessionsRead, SCOPES.sessionsWrite]);
          return endSessions(context, session, options, (method, path) => api.request(method, path));
        }),
      ),
  );
}

/** Ends what was named, once the person at the terminal has agreed; resolves to 1 where not. Throws `usage` where nobody can be asked. */
export async function endSessions(
  context: CommandContext,
  session: string | undefined,
  { user, yes = false }: EndOptions,
  call: CallApi,
  confirm: Confirm = (question) => askAtTerminal(question),
): Promise<number> {
  if ((session === undefined) === (user === undefined)) {
    throw new CodedError('usage', { message: 'Name either a session or, with --user, a person.' });
  }
  if (!yes && !context.interactive) {
    throw new CodedError('usage', { message: 'Nobody can be asked here. Add --yes to end without asking.' });
  }
  const target = session === undefined ? await allOf(call, user!) : oneSession(session);
  if (target && !yes && !(await confirm(target.question))) {
    context.stderr('Nothing was ended.\n');
    return 1;
  }
  reportEnded(context, target ? readAnswer(endedSchema, await call('DELETE', target.path)).ended : []);
  return 0;
}

interface Target {
  readonly path: string;
  readonly question: string;
}

function oneSession(id: string): Target {
  return { path: `${PATHS.sessions}/${encodeURIComponent(id)}`, question: `End session ${printable(id)}?` };
}

/** Undefined where no session is alive. Throws `usage` where the word means more than one person. */
async function allOf(call: CallApi, user: string): Promise<Target | undefined> {
  const { items } = await fetchSessions(call, { user, limit: MOST_SESSIONS });
  const [first] = items;
  if (!first) return undefined;
  const people = new Map(items.map(({ person }) => [person.id, person]));
  if (people.size > 1) {
    const names = [...people.values()].map((person) => `${who(person)} (${person.id})`).join(', ');
    throw new CodedError('usage', { message: `“${user}” means several people: ${names}. Give --user one of the ids.` });
  }
  return { path: `${PATHS.users}/${first.person.id}/sessions`, question: questionAbout(first, items.length) };
}

function questionAbout({ person }: ListedSession, count: number): string {
  return `End ${count === 1 ? 'the one session' : `all ${count} sessions`} of ${who(person)}?`;
}
