import { PATHS, SCOPES } from '#shared/api/paths.js';
import { decidedSchema, type Decided } from '#shared/api/reviews.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { confirm as askAtTerminal } from '../../system/ask.js';
import { printable } from '../../system/printable.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { fetchReview, fetchReviews, meant, parseTool } from './find-reviews.js';
import { printReview } from './review-text.js';

interface DecideOptions extends CommonOptions {
  readonly sha256?: string;
  readonly yes?: boolean;
}

type Verb = 'accept' | 'reject';
type Confirm = (question: string) => Promise<boolean>;

const PAST = { accept: 'accepted', reject: 'rejected' } as const;

export function addReviewsDecide({ program, run }: Mount, verb: Verb): void {
  const what =
    verb === 'accept' ? 'Let a tool be used as it is defined now' : 'Keep a tool from being used as it is defined';
  program.addCommand(
    newCommand(verb, what, `mcp-sso reviews ${verb} crm/list_customers`)
      .argument('<server/tool>', 'as the list shows it')
      .option(
        '--sha256 <hash>',
        'the definition that was shown, or the beginning of its hash; with --yes it has to be named',
      )
      .option('--yes', 'do not show it again, and do not ask')
      .action((name: string, options: DecideOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.reviewsRead, SCOPES.reviewsWrite]);
          return decideReview(context, verb, name, options, (...request) => api.request(...request));
        }),
      ),
  );
}

/** Decides about exactly the definition that was shown here, or that `--sha256` names. Resolves to 1 where nobody agreed. */
export async function decideReview(
  context: CommandContext,
  verb: Verb,
  name: string,
  { sha256: hash, yes = false }: DecideOptions,
  call: CallApi,
  confirm: Confirm = (question) => askAtTerminal(question),
): Promise<number> {
  if (yes ? hash === undefined : !context.interactive) {
    throw new CodedError('usage', {
      message: `Nobody can be asked here, so name the definition that was shown: mcp-sso reviews ${verb} ${name} --sha256 HASH --yes. See it: mcp-sso reviews show ${name}`,
    });
  }
  const { reviews } = await fetchReviews(call, { ...parseTool(name) });
  const review = meant(reviews, hash);
  const { server, tool, sha256, state } = review;
  if (!yes) {
    context.stderr(printReview(await fetchReview(call, review), requireZone(undefined)));
    if (!(await confirm(`${verb === 'accept' ? 'Accept' : 'Reject'} this definition?`))) {
      context.stderr('Nothing was decided.\n');
      return 1;
    }
  }
  const from = state === 'superseded' ? 'accepted' : state;
  const body = { server, tool, sha256, from, to: PAST[verb] };
  const decided = readAnswer(decidedSchema, await call('POST', `${PATHS.reviews}/decisions`, body));
  context.stdout(context.json ? jsonLine(decided) : describe(decided, verb));
  return 0;
}

function describe({ server, tool, reviewed }: Decided, verb: Verb): string {
  const now = reviewed ? 'The tool may be used.' : 'The tool is held back.';
  return `The definition of ${printable(`${server}/${tool}`)} is ${PAST[verb]}. ${now}\n`;
}
