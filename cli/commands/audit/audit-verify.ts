import { Option } from 'commander';
import type { Checkpoint } from '#shared/audit-log/checkpoint.js';
import type { LogFinding } from '#shared/audit-log/verify-log.js';
import { SCOPES } from '#shared/api/paths.js';
import { CodedError, ERRORS } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { printable } from '../../system/printable.js';
import { requireUrl, resolveSettings } from '../../system/settings.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import type { ReadApi } from '../api-answer.js';
import { checkLog, type KnownLog } from './check-log.js';
import { readRememberedLog, rememberedLogFile, rememberLog } from './remembered-log.js';
import { readVerifierKey } from './verifier-key-option.js';
import { verifyExportOffline, verifyReceiptOffline } from './verify-offline.js';

interface AuditVerifyOptions extends CommonOptions {
  readonly export?: string;
  readonly receipt?: string;
  readonly key?: string;
  readonly since?: string;
  readonly payloads?: boolean;
}

export function addAuditVerify({ program, run }: Mount): void {
  program.addCommand(
    newCommand('verify', 'Check that nobody changed the audit log, an export or a receipt', 'mcp-sso audit verify')
      .addOption(new Option('--export <folder>', 'check what audit export wrote, offline'))
      .addOption(
        new Option('--receipt <file>', 'check what audit receipt wrote, offline').conflicts(['export', 'since']),
      )
      .option('--key <key>', 'the log’s key as your administrator published it, or a file that holds it')
      .option('--since <file>', 'earlier checkpoints: the log must still begin with what they cover')
      .addOption(
        new Option('--payloads', 'what is personal in records too, for auditors').conflicts(['export', 'receipt']),
      )
      .action((options: AuditVerifyOptions) => run(options, (context) => verify(context, options))),
  );
}

async function verify(context: CommandContext, options: AuditVerifyOptions): Promise<number> {
  const { export: folder, receipt, since, payloads = false } = options;
  const key = options.key === undefined ? undefined : await readVerifierKey(options.key);
  const given = { ...(key === undefined ? {} : { key }), ...(since === undefined ? {} : { since }) };
  if (folder !== undefined) return verifyExportOffline(context, folder, { ...given, key: required(key) });
  if (receipt !== undefined) return verifyReceiptOffline(context, receipt, { key: required(key) });
  const api = new AdminApi(context, [SCOPES.auditRead]);
  return verifyAudit(context, (path) => api.request('GET', path), { ...given, payloads });
}

/** The key that comes with an export proves nothing: whoever rewrote the log wrote that too. */
function required(key: string | undefined): string {
  if (key !== undefined) return key;
  throw new CodedError('usage', { message: 'Add --key with the log’s key as your administrator published it.' });
}

/**
 * Resolves to 0, or to 8 with the first thing that fails. The key and the checkpoint are remembered for the next time;
 * `given` stands beside what is remembered.
 */
export async function verifyAudit(
  context: CommandContext,
  read: ReadApi,
  given: Omit<KnownLog, 'remembered'> = {},
): Promise<number> {
  const origin = requireUrl(await resolveSettings(context)).value;
  const file = rememberedLogFile(context.paths, origin);
  const remembered = await readRememberedLog(file);
  const { result, note, verifierKey, payloads } = await checkLog(read, { remembered, ...given });
  if ('message' in result) return reportFinding(context, result, file);
  await rememberLog(file, { verifierKey, checkpoint: note });
  const firstCheck = remembered === undefined && given.key === undefined;
  reportIntact(context, { ...result, verifierKey, firstCheck, payloads });
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

interface IntactLog extends Checkpoint {
  readonly verifierKey: string;
  readonly firstCheck: boolean;
  readonly payloads: number;
}

function reportIntact(context: CommandContext, intact: IntactLog): void {
  const { size: records, verifierKey, firstCheck, payloads } = intact;
  const root = intact.root.toString('base64');
  if (context.json) return context.stdout(jsonLine({ intact: true, records, root, verifierKey, firstCheck, payloads }));
  const shown = payloads === 0 ? '' : `The personal part of ${payloads} is shown, and is what they commit to.\n`;
  const trust = firstCheck
    ? 'This key was seen for the first time: compare it with the one your administrator published. It is remembered.'
    : 'The key is the one that you know, and the log still begins with all that your earlier checks covered.';
  context.stdout(
    `The audit log is intact: ${records} records.\nRoot  ${root}\nKey   ${printable(verifierKey)}\n${shown}${trust}\n`,
  );
}
