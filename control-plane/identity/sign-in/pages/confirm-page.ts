import { html, type Html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';

/** What a person must know before an app gets in: whom it acts as, what it is, and where it asks from. */
export interface ConfirmPage {
  readonly name: string | null;
  readonly email: string | null;
  readonly provider: string;
  readonly client: { readonly id: string; readonly title: string; readonly access: string };
  /** The device's own claim. */
  readonly deviceName: string | null;
  readonly address: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** Path that the form posts to. */
  readonly action: string;
  readonly csrf: string;
}

export function confirmPage(data: ConfirmPage): string {
  const { client } = data;
  return page(
    'Confirm sign-in',
    html`<h1>Let ${client.title} in?</h1>
      <p>It will be able to ${client.access}, in your name.</p>
      <dl>
        ${row('Account', data.name ?? data.email ?? 'unnamed', data.name === null ? null : data.email)}
        ${row('Signed in at', data.provider, null)} ${row('App', client.title, client.id)}
        ${row('Device', data.deviceName ?? 'not named', data.deviceName === null ? null : 'as the app calls it; not verified')}
        ${row('Address', data.address, null)} ${row('Time', timeText(data.time), null)}
      </dl>
      <p class="warn">Approve only if you started this sign-in yourself, just now.</p>
      <form method="post" action="${data.action}">
        <input type="hidden" name="csrf" value="${data.csrf}" />
        <div class="actions">
          <button class="primary" name="decision" value="approve">Approve</button>
          <button name="decision" value="deny">This was not me</button>
        </div>
      </form>`,
  );
}

function row(term: string, value: string, note: string | null): Html {
  return html`<div>
    <dt>${term}</dt>
    <dd>${value}${note === null ? '' : html`<small>${note}</small>`}</dd>
  </div>`;
}

function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
