import { SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import type { CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import { TIME_ZONE } from '../admin/list-options.js';
import type { CommandContext } from '../context.js';
import { fetchReview, fetchReviews, meant, parseTool } from './find-reviews.js';
import { printReview } from './review-text.js';

interface ShowOptions extends CommonOptions {
  readonly sha256?: string;
  readonly tz?: string;
}

export function addReviewsShow({ program, run }: Mount): void {
  program.addCommand(
    newCommand('show', 'What is new in the definition of a tool', 'mcp-sso reviews show crm/list_customers')
      .argument('<server/tool>', 'as the list shows it')
      .option('--sha256 <hash>', 'one definition of several, or the beginning of its hash')
      .option(...TIME_ZONE)
      .action((name: string, options: ShowOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.reviewsRead]);
          return showReview(context, name, options, (...request) => api.request(...request));
        }),
      ),
  );
}

export async function showReview(
  context: CommandContext,
  name: string,
  { sha256, tz }: ShowOptions,
  call: CallApi,
): Promise<number> {
  const zone = requireZone(tz);
  const { reviews } = await fetchReviews(call, { ...parseTool(name) });
  const detail = await fetchReview(call, meant(reviews, sha256));
  context.stdout(context.json ? jsonLine(detail) : printReview(detail, zone));
  return 0;
}
