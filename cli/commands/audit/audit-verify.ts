import type { Checkpoint } from '#shared/audit-log/checkpoint.js';
import type { LogFinding } from '#shared/audit-log/verify-log.js';
import { SCOPES } from '#shared/api/paths.js';
import { CodedError, ERRORS } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { printable } from '../../system/printable.js';
import { requireUrl, resolveSettings } from '../../system/settings.js';
import { newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import type { ReadApi } from '../api-answer.js';
import { checkLog } from './check-log.js';
import { readRememberedLog, rememberedLogFile, rememberLog } from './remembered-log.js';

export function addAuditVerify({ program, run }: Mount): void {
  program.addCommand(
    newCommand('verify', 'Fetch the whole audit log and check it here', 'mcp-sso audit verify').action(
      (options: CommonOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.auditRead]);
          return verifyAudit(context, (path) => api.request('GET', path));
        }),
    ),
  );
}

/** Resolves to 0, or to 8 with the first thing that fails. The key and the checkpoint are remembered for the next time. */
export async function verifyAudit(context: CommandContext, read: ReadApi): Promise<number> {
  const origin = requireUrl(await resolveSettings(context)).value;
  const file = rememberedLogFile(context.paths, origin);
  const remembered = await readRememberedLog(file);
  const { result, note, verifierKey } = await checkLog(read, remembered);
  if ('message' in result) return reportFinding(context, result, file);
  await rememberLog(file, { verifierKey, checkpoint: note });
  reportIntact(context, result, verifierKey, remembered === undefined);
  return 0;
}

function reportFinding(context: CommandContext, finding: LogFinding, file: string): number {
  if (context.json) {
    context.stdout(`${JSON.stringify({ intact: false, finding })}\n`);
    return ERRORS.findings.exit;
  }
  const reference = finding.id === undefined ? '' : ` Its reference is ${printable(finding.id)}.`;
  throw new CodedError('findings', {
    message: `The audit log does not verify. ${printable(finding.message)}${reference}\nKeep a copy of the database and of ${file}, and tell your security team.`,
  });
}

function reportIntact(context: CommandContext, { size, root }: Checkpoint, key: string, firstCheck: boolean): void {
  const rootText = root.toString('base64');
  if (context.json) {
    context.stdout(
      `${JSON.stringify({ intact: true, records: size, root: rootText, verifierKey: key, firstCheck })}\n`,
    );
    return;
  }
  const trust = firstCheck
    ? 'This key was seen for the first time: compare it with the one your administrator published. It is remembered.'
    : 'The key is the one of your earlier checks, and the log still begins with all that they covered.';
  context.stdout(`The audit log is intact: ${size} records.\nRoot  ${rootText}\nKey   ${printable(key)}\n${trust}\n`);
}
