import { html, type Html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';
import type { ClientDescription, ThirdParty } from '../../clients/client-description.js';

/** What a person must know before an app gets in: whom it acts as, what it is, and where it asks from. */
export interface ConfirmPage {
  readonly name: string | null;
  readonly email: string | null;
  readonly provider: string;
  readonly client: ClientDescription;
  /** The device's own claim. */
  readonly deviceName: string | null;
  readonly address: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** Of a device login: where and when the device started it; `address` and `time` are those of the browser. */
  readonly started: { readonly address: string; readonly time: number } | null;
  /** The app is signed in already and only wants to know that the person is there. */
  readonly renews: boolean;
  /** Path that the form posts to. */
  readonly action: string;
  readonly csrf: string;
}

export function confirmPage(data: ConfirmPage): string {
  const { client, started, renews } = data;
  return page(
    started === null ? 'Confirm sign-in' : 'Confirm device sign-in',
    html`<h1>${renews ? 'Confirm that it is you' : html`Let ${client.title} in?`}</h1>
      <p>
        ${
          renews
            ? 'Your AI app wants to do something for which your company wants you to sign in anew. It goes on when you approve.'
            : html`It will be able to ${client.access}, in your name.`
        }
      </p>
      <dl>
        ${row('Account', data.name ?? data.email ?? 'unnamed', data.name === null ? null : data.email)}
        ${row('Signed in at', data.provider, null)} ${row('App', client.title, client.id)}
        ${client.thirdParty === null ? [] : partiesOf(client.thirdParty)}
        ${row('Device', data.deviceName ?? 'not named', data.deviceName === null ? null : 'as the app calls it; not verified')}
        ${started === null ? placeOf(data) : placesOf(data, started)}
      </dl>
      ${client.thirdParty === null ? [] : warningOf(client.thirdParty)}
      <p class="warn">
        ${
          started === null
            ? 'Approve only if you started this sign-in yourself, just now.'
            : 'Did you start this? Approve only if you ran it yourself on this device, just now. Nobody who helps you, ' +
              'and no message, ever needs you to approve their code.'
        }
      </p>
      <form method="post" action="${data.action}">
        <input type="hidden" name="csrf" value="${data.csrf}" />
        <input type="hidden" name="renews" value="${renews ? 'yes' : 'no'}" />
        <div class="actions">
          <button class="primary" name="decision" value="approve">Approve</button>
          <button name="decision" value="deny">This was not me</button>
        </div>
      </form>`,
  );
}

function partiesOf({ name, host, redirectHost }: ThirdParty): Html {
  return html`${name === null ? [] : row('Calls itself', name, 'as the app says; not verified')}
  ${row('Published by', host ?? 'nobody', host === null ? 'the app registered itself; nobody vouches for it' : null)}
  ${row('Sends you back to', redirectHost, 'whoever answers there gets the access')}`;
}

function warningOf({ isLocal, redirectHost }: ThirdParty): Html {
  return html`<p class="warn">
    ${
      isLocal
        ? 'The access goes to a program on this computer, and mcp-sso cannot see which one. Approve only if you know ' +
          'the app that opened this page.'
        : `This app was not made by your company. Whoever runs ${redirectHost} can act in your name until you end it.`
    }
  </p>`;
}

function placeOf({ address, time }: ConfirmPage): Html {
  return html`${row('Address', address, null)} ${row('Time', timeText(time), null)}`;
}

function placesOf({ address, time }: ConfirmPage, started: NonNullable<ConfirmPage['started']>): Html {
  const compared = started.address === address ? 'the address of this browser too' : `this browser is at ${address}`;
  return html`${row('Started from', started.address, compared)}
  ${row('Started at', timeText(started.time), `now it is ${timeText(time)}`)}`;
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
