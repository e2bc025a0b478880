import { Command } from 'commander';
import { example, type Mount } from '../command.js';
import { addApprove } from './approve.js';
import { addBreakGlass } from './break-glass.js';
import { addEnd } from './end.js';
import { addGive } from './give.js';
import { addList } from './list.js';
import { addRefuse } from './refuse.js';
import { addRequest } from './request.js';
import { addRequests } from './requests.js';
import { addReview } from './review.js';
import { addShow } from './show.js';

/** `mcp-sso grants …`: access for some time that no policy permits. */
export function addGrants({ program, run }: Mount): void {
  const grants = new Command('grants')
    .description('Ask for access after a denial, give it for some time, and end it')
    .addHelpText('after', example('mcp-sso grants request 019ab1c2-… --reason "Quarterly clean-up" --for 2h'));
  const mount = { program: grants, run };
  for (const add of [
    addRequest,
    addRequests,
    addApprove,
    addRefuse,
    addList,
    addShow,
    addGive,
    addEnd,
    addBreakGlass,
    addReview,
  ]) {
    add(mount);
  }
  program.addCommand(grants);
}
