import { PATHS } from '#shared/api/paths.js';
import { row, shownName, timeText } from '#shared/pages/facts.js';
import { html, type Html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';
import type { ShownAccess } from './access-desk.service.js';
import { accessLink } from './access-pages.js';
import type { ShownApproval } from './approval.js';
import { visibleText } from './shown-arguments.js';

/** What waits for this person, and their own. */
export function listPage(approvals: readonly ShownApproval[], access: readonly ShownAccess[], name: string): string {
  const mine = [...approvals.filter(isMine).map(linkTo), ...access.filter(isMine).map(accessLink)];
  const own = [...approvals.filter(isOwn).map(linkTo), ...access.filter(isOwn).map(accessLink)];
  return page(
    'Approvals',
    html`<h1>What waits for you</h1>
      <p class="quiet">You are ${visibleText(name)}.</p>
      ${mine.length === 0 ? html`<p>Nothing.</p>` : mine} ${own.length === 0 ? '' : html`<h1>Your own</h1>`} ${own}`,
  );
}

/** One call, and the two buttons for whoever may decide it. */
export function approvalPage(approval: ShownApproval, csrf: string): string {
  const { id, state, server, target, reason, groups, refusal, mine, own } = approval;
  const who = groups.map((set) => `somebody of ${set.join(' or ')}`).join(' and ');
  return page(
    'Approve a call',
    html`<h1>${mine ? 'Approve this call?' : TITLES[state]}</h1>
      <dl>
        ${row('Asked by', own ? 'you' : requesterText(approval))} ${row('Server', visibleText(server))}
        ${row('Call', visibleText(target))} ${row('Policy', visibleText(reason))} ${row('Decided by', who)}
        ${row('Asked', timeText(approval.createdAt))} ${row('Until', timeText(approval.expiresAt))}
        ${refusal === null ? '' : row('Refused', visibleText(refusal))}
      </dl>
      ${approval.arguments === null ? '' : html`<pre class="arguments">${lines(approval.arguments)}</pre>`}
      ${mine ? form(id, csrf) : ''}
      <p class="quiet"><a href="${PATHS.approvalsPage}">All that waits for you</a></p>`,
  );
}

const TITLES: Record<ShownApproval['state'], string> = {
  open: 'This call waits for approval',
  approved: 'This call was approved',
  refused: 'This call was refused',
  used: 'This call was approved and made',
  expired: 'This request has expired',
  ended: 'This request has ended',
};

function form(id: string, csrf: string): Html {
  return html`<p class="warn">Approve only what you have read to the end, and would do yourself.</p>
    <form method="post" action="${PATHS.approvalsPage}/${id}">
      <input type="hidden" name="csrf" value="${csrf}" />
      <label for="reason">Reason (told to whoever asked if you refuse)</label>
      <input class="field" id="reason" name="reason" maxlength="500" autocomplete="off" />
      <div class="actions">
        <button class="primary" name="decision" value="approve">Approve</button>
        <button name="decision" value="refuse">Refuse</button>
      </div>
    </form>`;
}

/** The template shows line ends as hidden characters, which these are not. */
function lines(text: string): readonly Html[] {
  return text.split('\n').map((line) => html`${line}<br />`);
}

function linkTo(approval: ShownApproval): Html {
  const { id, target, server, state, own } = approval;
  const who = own ? state : requesterText(approval);
  return html`<a class="choice" href="${PATHS.approvalsPage}/${id}"
    >${visibleText(target)} <small>(${visibleText(server)}, ${who})</small></a
  >`;
}

function requesterText({ requester, actors }: ShownApproval): string {
  const through = actors.length === 0 ? '' : `, for whom ${actors.join(', ')} acts`;
  return visibleText(shownName(requester) + through);
}

function isMine({ mine }: Pick<ShownApproval, 'mine'>): boolean {
  return mine;
}

function isOwn({ own }: Pick<ShownApproval, 'own'>): boolean {
  return own;
}
