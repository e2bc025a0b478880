import { PATHS, SCOPES } from '#shared/api/paths.js';
import { readMinutes } from '../../time-phrases/duration.js';
import { newCommand, type CommonOptions, type Mount } from '../command.js';
import { readTarget, type TargetArgument } from './grant-target.js';
import { apiFor, printAnswer } from './one-grant.js';

interface GiveOptions extends CommonOptions {
  readonly for: number;
  readonly reason: string;
}

export function addGive({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'give',
      'Give somebody else access for some time',
      'mcp-sso grants give carol@example.com crm/add_customer --for 2h --reason "Ticket 4711"',
    )
      .argument('<person>', 'id or e-mail address')
      .argument('<server[/tool]>', 'a whole server, or one tool of it', readTarget)
      .requiredOption('--for <duration>', 'how long: 30m, 2h, 1h30m', readMinutes)
      .requiredOption('--reason <text>', 'why; it goes on record')
      .action((person: string, target: TargetArgument, options: GiveOptions) =>
        run(options, async (context) => {
          const call = apiFor(context, [SCOPES.grantsRead, SCOPES.grantsWrite]);
          const content = { person, ...target, minutes: options.for, reason: options.reason };
          return printAnswer(context, 'Given, from the next call on.\n\n', await call('POST', PATHS.grants, content));
        }),
      ),
  );
}
