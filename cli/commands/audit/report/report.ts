import { Command } from 'commander';
import { SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../../sign-in/admin-api.js';
import type { ReadApi } from '../../api-answer.js';
import { example, type CommonOptions, type Mount } from '../../command.js';
import type { CommandContext } from '../../context.js';
import { addAccessReport } from './access.js';
import { addDenialsReport } from './denials.js';
import { addExposureReport } from './exposure.js';
import { addAccessReview } from './review.js';
import { addUnusedReport } from './unused-grants.js';

type RunReport<Options> = (context: CommandContext, options: Options, read: ReadApi) => Promise<number>;

/** Where each report adds its command. */
export interface MountReport {
  readonly program: Command;
  /** Runs a report, signed in to read the audit. */
  readonly read: <Options extends CommonOptions>(options: Options, report: RunReport<Options>) => Promise<void>;
}

const EXAMPLES = `mcp-sso audit report access --client claude --server crm --since "last tuesday"
  mcp-sso audit report exposure --compare contractors,staff`;

/** `mcp-sso audit report …` */
export function addAuditReport({ program, run }: Mount): void {
  const report = new Command('report')
    .description('What many calls say together: who reaches what, what was denied, what nobody uses')
    .addHelpText('after', example(EXAMPLES));
  const read: MountReport['read'] = (options, print) =>
    run(options, (context) => {
      const api = new AdminApi(context, [SCOPES.auditRead]);
      return print(context, options, (path) => api.request('GET', path));
    });
  for (const add of [addAccessReport, addExposureReport, addUnusedReport, addDenialsReport, addAccessReview]) {
    add({ program: report, read });
  }
  program.addCommand(report);
}
