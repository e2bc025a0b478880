import { PATHS, SCOPES } from '#shared/api/paths.js';
import { toolEffectsSchema, type ToolEffects } from '#shared/api/reviews.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';

interface EffectsOptions extends CommonOptions {
  readonly server?: string;
}

export function addReviewsEffects({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'effects',
      'Effects that servers suggest for their tools, to be pasted into mcp-sso.yaml',
      'mcp-sso reviews effects --server crm',
    )
      .option('--server <id>', 'of one server')
      .action((options: EffectsOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.reviewsRead]);
          return printEffects(context, options, (...request) => api.request(...request));
        }),
      ),
  );
}

export async function printEffects(context: CommandContext, options: EffectsOptions, call: CallApi): Promise<number> {
  const effects = await fetchEffects(call, options.server);
  context.stdout(context.json ? jsonLine(effects) : effects.yaml);
  return 0;
}

export async function fetchEffects(call: CallApi, server?: string): Promise<ToolEffects> {
  const query = server === undefined ? '' : `?${new URLSearchParams({ server }).toString()}`;
  return readAnswer(toolEffectsSchema, await call('GET', `${PATHS.reviews}/effects${query}`));
}
