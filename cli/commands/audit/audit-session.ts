import { isatty } from 'node:tty';
import { auditSessionSchema } from '#shared/api/audit-session.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { readAnswer, type ReadApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { drawSession } from './session-lines.js';

interface AuditSessionOptions extends CommonOptions {
  readonly tz?: string;
}

const STDOUT = 1;

export function addAuditSession({ program, run }: Mount): void {
  program.addCommand(
    newCommand('session', 'Draw which agents made which calls of one session', 'mcp-sso audit session ses_6Hq2')
      .argument('<id>', 'id of a sign-in, of a trace, or of the app’s own session')
      .option('--tz <zone>', 'time zone to print times in (default: this machine’s)')
      .action((id: string, options: AuditSessionOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.auditRead]);
          return printSession(context, id, options, (path) => api.request('GET', path), isatty(STDOUT));
        }),
      ),
  );
}

/** Throws `not_found` where no call has this id, `usage` for a zone that it can't read. */
export async function printSession(
  context: CommandContext,
  id: string,
  { tz }: AuditSessionOptions,
  read: ReadApi,
  terminal: boolean,
): Promise<number> {
  const zone = requireZone(tz);
  const answer = readAnswer(auditSessionSchema, await read(`${PATHS.auditSessions}/${encodeURIComponent(id)}`));
  if (context.json) context.stdout(jsonLine(answer));
  else context.stdout(drawSession(answer, zone, !(terminal && showsUnicode(context.env))));
  return 0;
}

/** The locale, as POSIX orders its variables; Windows has none and shows it. */
function showsUnicode(env: CommandContext['env']): boolean {
  if (process.platform === 'win32') return true;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  return /utf-?8/i.test(locale ?? '');
}
