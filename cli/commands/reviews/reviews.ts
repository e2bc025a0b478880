import { Command } from 'commander';
import { example, type Mount } from '../command.js';
import { addReviewsDecide } from './decide.js';
import { addReviewsEffects } from './effects.js';
import { addReviewsExport } from './export.js';
import { addReviewsList } from './list.js';
import { addReviewsShow } from './show.js';

/** `mcp-sso reviews …`, for people with the approver, admin or owner role. */
export function addReviews({ program, run }: Mount): void {
  const reviews = new Command('reviews')
    .description('Accept or reject what MCP servers say of their tools')
    .addHelpText('after', example('mcp-sso reviews show crm/list_customers'));
  addReviewsList({ program: reviews, run });
  addReviewsShow({ program: reviews, run });
  addReviewsDecide({ program: reviews, run }, 'accept');
  addReviewsDecide({ program: reviews, run }, 'reject');
  addReviewsEffects({ program: reviews, run });
  addReviewsExport({ program: reviews, run });
  program.addCommand(reviews);
}
