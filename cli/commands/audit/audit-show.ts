import { auditRecordsSchema, type AuditRecord } from '#shared/api/audit-record.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { printable } from '../../system/printable.js';
import { readAnswer, type ReadApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';

export function addAuditShow({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'show',
      'Everything of one record, and of what belongs to it; captured arguments and results for auditors',
      'mcp-sso audit show 0197f0e2-7d1c-7a54-b1de-6f2d8c0e4a31',
    )
      .argument('<reference>', 'reference of a call, or id of any record')
      .action((reference: string, options: CommonOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.auditRead]);
          return showAudit(context, reference, (path) => api.request('GET', path));
        }),
      ),
  );
}

/** Prints every field that the reader may see. Throws what the control plane answers. */
export async function showAudit(context: CommandContext, reference: string, read: ReadApi): Promise<number> {
  const answer = await read(`${PATHS.audit}/${encodeURIComponent(reference)}`);
  const shown = readAnswer(auditRecordsSchema, answer);
  context.stdout(context.json ? jsonLine(shown) : shown.records.map(recordText).join('\n'));
  return 0;
}

const NOTES: Readonly<Record<AuditRecord['payload'], readonly string[]>> = {
  shown: [],
  withheld: ['The personal part is withheld: it needs the role auditor.'],
  erased: ['The personal part was erased with its person.'],
  expired: ['The personal part is gone: the time that it is kept for is over (audit.retention).'],
  damaged: ['The personal part is not what was logged. Run mcp-sso audit verify, and tell your security team.'],
};

/** Two columns: the name of a field, and its value on one line. */
function recordText({ type, phase, index, facts, personal, payload, ...header }: AuditRecord): string {
  const { id, time, ref, version, commitment } = header;
  const fields = Object.entries({
    id,
    time,
    ...(ref === null ? {} : { ref }),
    version,
    commitment,
    ...facts,
    ...personal,
  });
  const width = Math.max(...fields.map(([name]) => name.length));
  const lines = fields.map(([name, value]) => `  ${printable(name).padEnd(width)}  ${printable(valueText(value))}`);
  return `${[`${printable(type)} (${phase}), record ${index}`, ...lines, ...NOTES[payload]].join('\n')}\n`;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
