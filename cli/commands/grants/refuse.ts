import { grantRequestSchema } from '#shared/api/grants.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { readAnswer } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import { who } from '../sessions/session-words.js';
import { targetText } from './grant-target.js';
import { apiFor } from './one-grant.js';

interface RefuseOptions extends CommonOptions {
  readonly reason: string;
}

export function addRefuse({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'refuse',
      'Refuse what somebody asked for',
      'mcp-sso grants refuse grq_3f9… --reason "Ask your team lead"',
    )
      .argument('<request>', 'id of the request, as `grants requests` shows it')
      .requiredOption('--reason <text>', 'why; who asked reads it')
      .action((id: string, options: RefuseOptions) =>
        run(options, async (context) => {
          const call = apiFor(context, [SCOPES.grantsRead, SCOPES.grantsWrite]);
          const path = `${PATHS.grants}/requests/${encodeURIComponent(id)}/refuse`;
          const request = readAnswer(grantRequestSchema, await call('POST', path, { reason: options.reason }));
          const sentence = `Refused: ${targetText(request)} for ${who(request.person)}.\n`;
          context.stdout(context.json ? jsonLine(request) : sentence);
          return 0;
        }),
      ),
  );
}
