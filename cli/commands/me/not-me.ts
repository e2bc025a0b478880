import { disownedSchema } from '#shared/api/disowned-sessions.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { confirm as askAtTerminal } from '../../system/ask.js';
import { printable } from '../../system/printable.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';

export interface NotMeOptions extends CommonOptions {
  readonly all?: boolean;
  readonly yes?: boolean;
}

export interface NotMeParts {
  readonly call: CallApi;
  readonly confirm: (question: string) => Promise<boolean>;
}

export function addNotMe({ program, run }: Mount): void {
  program.addCommand(
    newCommand('not-me', '“That wasn’t me”: ends a session and raises an alarm', 'mcp-sso me not-me --all')
      .argument('[session]', 'id of the session, as `mcp-sso me` shows it; also one that is over')
      .option('--all', 'all your sessions, here and everywhere')
      .option('--yes', 'do not ask')
      .action((session: string | undefined, options: NotMeOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.sessionsWrite]);
          return disown(context, session, options, {
            call: (method, path, content) => api.request(method, path, content),
            confirm: (question) => askAtTerminal(question),
          });
        }),
      ),
  );
}

/** Resolves to 1 where the person thought better of it. Throws `usage` where nobody can be asked, `not_found` and `rate_limited`. */
export async function disown(
  context: CommandContext,
  session: string | undefined,
  { all = false, yes = false }: NotMeOptions,
  { call, confirm }: NotMeParts,
): Promise<number> {
  if ((session === undefined) !== all) throw new CodedError('usage', { message: 'Name either a session or --all.' });
  if (!yes && !context.interactive) {
    throw new CodedError('usage', { message: 'Nobody can be asked here. Add --yes to go on without asking.' });
  }
  if (!yes && !(await confirm(questionAbout(session)))) {
    context.stderr('Nothing was ended, and nobody was alarmed.\n');
    return 1;
  }
  const answer = await call('POST', PATHS.disownedSessions, session === undefined ? { all: true } : { session });
  const { ended, reference } = readAnswer(disownedSchema, answer);
  context.stdout(context.json ? jsonLine({ ended, reference }) : whatHappensNext(ended.length, reference, all));
  return 0;
}

function questionAbout(session: string | undefined): string {
  const what = session === undefined ? 'End ALL your sessions, this one too,' : `End session ${printable(session)}`;
  return `${what} and alarm your security team?`;
}

function whatHappensNext(ended: number, reference: string, all: boolean): string {
  const lines = [
    endedText(ended),
    `It is on record as ${printable(reference)}, as an alarm: whoever your company has told mcp-sso to notify hears of it.`,
    'Next: change your password at your company’s sign-in, or ask your help desk to; who has it can sign in again.',
    'Accounts that you have connected stay connected: mcp-sso connections list',
    ...(all ? ['To go on working, sign in again: mcp-sso login'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function endedText(ended: number): string {
  if (ended === 0) return 'It had ended before: nothing can be done with it any more.';
  const what = ended === 1 ? 'Ended one session' : `Ended ${ended} sessions`;
  return `${what}: refused from the next call on, and their refresh tokens too.`;
}
