import { PATHS, SCOPES } from '#shared/api/paths.js';
import { policyProblemsSchema } from '#shared/api/reviews.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import { TIME_ZONE } from '../admin/list-options.js';
import type { CommandContext } from '../context.js';
import { fetchReviews } from './find-reviews.js';
import { printProblems, printReviews } from './review-text.js';

const STATES = ['pending', 'accepted', 'rejected', 'all'];

interface ListOptions extends CommonOptions {
  readonly state: string;
  readonly server?: string;
  readonly tz?: string;
}

export function addReviewsList({ program, run }: Mount): void {
  program.addCommand(
    newCommand('list', 'Definitions of tools that wait for somebody', 'mcp-sso reviews list --server crm')
      .option('--state <state>', STATES.join(', '), 'pending')
      .option('--server <id>', 'of one server')
      .option(...TIME_ZONE)
      .action((options: ListOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.reviewsRead, SCOPES.policiesRead]);
          return listReviews(context, options, (...request) => api.request(...request));
        }),
      ),
    { isDefault: true },
  );
}

export async function listReviews(
  context: CommandContext,
  { state, server, tz }: ListOptions,
  call: CallApi,
): Promise<number> {
  const zone = requireZone(tz);
  if (!STATES.includes(state)) throw new CodedError('usage', { message: `--state is one of ${STATES.join(', ')}.` });
  const list = await fetchReviews(call, {
    ...(state === 'all' ? {} : { state }),
    ...(server === undefined ? {} : { server }),
  });
  const { problems } = readAnswer(policyProblemsSchema, await call('GET', `${PATHS.policies}/problems`));
  if (context.json) context.stdout(jsonLine({ ...list, problems }));
  else if (list.reviews.length === 0) context.stdout('No definition of a tool matches.\n');
  else context.stdout(printReviews(list.reviews, zone));
  if (!context.json && problems.length > 0) context.stdout(printProblems(problems));
  return 0;
}
