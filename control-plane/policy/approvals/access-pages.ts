import { PATHS } from '#shared/api/paths.js';
import { row, shownName, timeText } from '#shared/pages/facts.js';
import { html, type Html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';
import type { ShownAccess } from './access-desk.service.js';
import { visibleText } from './shown-arguments.js';

const ACCESS = `${PATHS.approvalsPage}/access`;

/** For whoever was denied: what they would ask for, and the form. */
export function askPage(target: string, reference: string, csrf: string): string {
  return page(
    'Ask for access',
    html`<h1>Ask for access</h1>
      <dl>${row('To', visibleText(target))} ${row('Denied call', reference)}</dl>
      <form method="post" action="${ACCESS}">
        <input type="hidden" name="csrf" value="${csrf}" />
        <input type="hidden" name="reference" value="${reference}" />
        <label for="reason">Reason (read by whoever decides)</label>
        <input class="field" id="reason" name="reason" maxlength="500" required autocomplete="off" />
        <label for="minutes">Minutes (empty for as long as is usual here)</label>
        <input class="field" id="minutes" name="minutes" type="number" min="1" max="1440" />
        <div class="actions"><button class="primary">Ask</button></div>
      </form>`,
  );
}

/** One request for access, and the two buttons for whoever may decide it. */
export function accessPage(access: ShownAccess, csrf: string): string {
  const { id, state, target, minutes, reason, answer, mine, own } = access;
  return page(
    'Access',
    html`<h1>${mine ? 'Give this access?' : TITLES[state]}</h1>
      <dl>
        ${row('Asked by', own ? 'you' : visibleText(shownName(access.requester)))} ${row('To', visibleText(target))}
        ${row('For', `${minutes} minutes`)} ${row('Reason', visibleText(reason))}
        ${row('Asked', timeText(access.createdAt))} ${row('Until', timeText(access.expiresAt))}
        ${answer === undefined ? '' : row('Refused', visibleText(answer))}
      </dl>
      ${mine ? form(id, minutes, csrf) : ''}
      <p class="quiet"><a href="${PATHS.approvalsPage}">All that waits for you</a></p>`,
  );
}

export function accessLink({ id, target, state, own, requester }: ShownAccess): Html {
  const who = own ? state : shownName(requester);
  return html`<a class="choice" href="${ACCESS}/${id}"
    >Access to ${visibleText(target)} <small>(${visibleText(who)})</small></a
  >`;
}

const TITLES: Record<ShownAccess['state'], string> = {
  open: 'This waits for an answer',
  granted: 'This access was given',
  refused: 'This access was refused',
  expired: 'This request has expired',
};

function form(id: string, minutes: number, csrf: string): Html {
  return html`<form method="post" action="${ACCESS}/${id}">
    <input type="hidden" name="csrf" value="${csrf}" />
    <label for="minutes">Minutes (as many as were asked for, or fewer)</label>
    <input
      class="field"
      id="minutes"
      name="minutes"
      type="number"
      min="1"
      max="${String(minutes)}"
      value="${String(minutes)}"
    />
    <label for="reason">Reason, where you refuse (told to whoever asked)</label>
    <input class="field" id="reason" name="reason" maxlength="500" autocomplete="off" />
    <div class="actions">
      <button class="primary" name="decision" value="give">Give</button>
      <button name="decision" value="refuse">Refuse</button>
    </div>
  </form>`;
}
