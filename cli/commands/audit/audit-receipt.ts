import { PATHS, SCOPES } from '#shared/api/paths.js';
import { jsonText } from '#shared/json-text.js';
import { receiptSchema } from '#shared/audit-log/receipt.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { writeFileAtomically } from '../../system/atomic-file.js';
import { printable } from '../../system/printable.js';
import { newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { readAnswer, type ReadApi } from '../api-answer.js';

interface AuditReceiptOptions extends CommonOptions {
  readonly out?: string;
}

export function addAuditReceipt({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'receipt',
      'Proof of one call, which anybody can check offline',
      'mcp-sso audit receipt ID --out call.json',
    )
      .argument('<id>', 'reference of a call, or id of any record')
      .option('--out <file>', 'write it to a file instead of printing it')
      .action((id: string, options: AuditReceiptOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.auditRead]);
          return fetchReceipt(context, id, options, (path) => api.request('GET', path));
        }),
      ),
  );
}

/** An auditor's holds what is personal too; an owner's does not. */
export async function fetchReceipt(
  context: CommandContext,
  id: string,
  { out }: AuditReceiptOptions,
  read: ReadApi,
): Promise<number> {
  const receipt = readAnswer(receiptSchema, await read(`${PATHS.audit}/${encodeURIComponent(id)}/receipt`));
  const text = `${jsonText(receipt, 2)}\n`;
  if (out === undefined) {
    context.stdout(text);
    return 0;
  }
  await writeFileAtomically(out, text, 'config_invalid');
  if (context.json) context.stdout(`${JSON.stringify({ file: out, records: receipt.records.length })}\n`);
  else {
    context.stdout(
      `Wrote ${printable(out)}: ${receipt.records.length} records.\nCheck it anywhere: mcp-sso audit verify --receipt ${printable(out)} --key KEY\n`,
    );
  }
  return 0;
}
