import { Command } from 'commander';
import { example, type Mount } from '../command.js';
import { addAuditExport } from './audit-export.js';
import { addAuditReceipt } from './audit-receipt.js';
import { addAuditSearch } from './audit-search.js';
import { addAuditSession } from './audit-session.js';
import { addAuditShow } from './audit-show.js';
import { addAuditVerify } from './audit-verify.js';
import { addAuditReport } from './report/report.js';

/** `mcp-sso audit …`, for people with the auditor or owner role. */
export function addAudit({ program, run }: Mount): void {
  const audit = new Command('audit')
    .description('Search the audit log, or check that nobody changed it')
    .addHelpText('after', example('mcp-sso audit search --user alice --since yesterday'));
  addAuditSearch({ program: audit, run });
  addAuditReport({ program: audit, run });
  addAuditSession({ program: audit, run });
  addAuditShow({ program: audit, run });
  addAuditVerify({ program: audit, run });
  addAuditReceipt({ program: audit, run });
  addAuditExport({ program: audit, run });
  program.addCommand(audit);
}
