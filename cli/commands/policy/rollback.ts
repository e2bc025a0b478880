import { activatedSchema } from '#shared/api/catalog.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { catalogByApi } from './publish.js';
import { revisionNumber } from './revision-number.js';

interface RollbackOptions extends CommonOptions {
  readonly message: string;
}

export function addPolicyRollback({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'rollback',
      'Put an earlier revision in force again; the next call is decided by it',
      'mcp-sso policy rollback 41 --message "Revision 42 locked sales out"',
    )
      .argument('<number>', 'the revision, as the catalog and the audit number it', revisionNumber)
      .requiredOption('--message <text>', 'why: one line, kept in the audit')
      .action((number: number, options: RollbackOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.catalogRead, SCOPES.catalogWrite]);
          return rollBack(context, number, options, (...request) => api.request(...request));
        }),
      ),
  );
}

export async function rollBack(
  context: CommandContext,
  number: number,
  { message }: RollbackOptions,
  call: CallApi,
): Promise<number> {
  const { active } = await catalogByApi(
    call,
    `Restore the files of revision ${number} there, for example with git revert: mcp-sso policy diff --from ${number} says what is different. The directory is applied within seconds.`,
  );
  const content = { number, parent: active.number, message };
  const answer = readAnswer(activatedSchema, await call('POST', `${PATHS.catalog}/activate`, content));
  context.stdout(
    context.json ? jsonLine(answer) : `Revision ${answer.active} is in force again, in place of ${active.number}.\n`,
  );
  return 0;
}
