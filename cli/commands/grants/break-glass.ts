import { PATHS, SCOPES } from '#shared/api/paths.js';
import { readMinutes } from '../../time-phrases/duration.js';
import { newCommand, type CommonOptions, type Mount } from '../command.js';
import { readTarget, type TargetArgument } from './grant-target.js';
import { apiFor, printAnswer } from './one-grant.js';

interface BreakGlassOptions extends CommonOptions {
  readonly for: number;
  readonly reason: string;
}

const TAKEN = 'You have access from the next call on. It is on record as an alarm, and an approver will review it.\n\n';

export function addBreakGlass({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'break-glass',
      'Take access yourself in an emergency: alarmed at once, reviewed afterwards',
      'mcp-sso grants break-glass crm --for 30m --reason "Outage 4711, approvers out of reach"',
    )
      .argument('<server[/tool]>', 'a whole server, or one tool of it', readTarget)
      .requiredOption('--for <duration>', 'how long: 10m, 30m', readMinutes)
      .requiredOption('--reason <text>', 'why; it goes on record')
      .action((target: TargetArgument, options: BreakGlassOptions) =>
        run(options, async (context) => {
          const call = apiFor(context, [SCOPES.grantsRead, SCOPES.grantsWrite]);
          const content = { ...target, minutes: options.for, reason: options.reason };
          return printAnswer(context, TAKEN, await call('POST', `${PATHS.grants}/break-glass`, content));
        }),
      ),
  );
}
