import { html, type Html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';
import { LONGEST_ADDRESS } from '../email-address.js';

export interface ProviderLink {
  readonly id: string;
  readonly host: string;
  /** Path with query that begins the sign-in at this provider. */
  readonly path: string;
}

/** What came of the last try to type an address. */
export interface EmailEntry {
  readonly address?: string;
  readonly problem?: string;
}

export interface EmailForm extends EmailEntry {
  /** Path that the form posts to. */
  readonly action: string;
  readonly csrf: string;
}

/** Asks where the person signs in, when the company has several IdPs; with one, it leads there by a click. */
export function chooseProviderPage(choices: readonly ProviderLink[], form?: EmailForm): string {
  const links = choices.map(
    ({ id, host, path }) => html`<a class="choice" href="${path}">${id} <small>(${host})</small></a>`,
  );
  if (form) {
    return page(
      'Choose where to sign in',
      html`<h1>Where do you sign in?</h1>
        <p class="quiet">Your address at work tells which identity provider of your company is yours.</p>
        ${emailForm(form)} ${links.length === 0 ? '' : html`<p class="quiet">Or, without an address:</p>`} ${links}`,
    );
  }
  if (choices.length === 1) {
    return page(
      'Sign in',
      html`<h1>Now sign in yourself</h1>
        <p class="quiet">Then you see which device it is, and decide.</p>
        ${links}`,
    );
  }
  return page(
    'Choose where to sign in',
    html`<h1>Where do you sign in?</h1>
      <p class="quiet">Your company uses more than one identity provider.</p>
      ${links}`,
  );
}

function emailForm({ action, csrf, address = '', problem }: EmailForm): Html {
  return html`${problem === undefined ? '' : html`<p class="warn">${problem}</p>`}
    <form method="post" action="${action}">
      <input type="hidden" name="csrf" value="${csrf}" />
      <label for="email">E-mail address</label>
      <input
        class="field"
        id="email"
        name="email"
        type="email"
        value="${address}"
        maxlength="${String(LONGEST_ADDRESS)}"
        autocomplete="email"
        required
        autofocus
      />
      <div class="actions"><button class="primary">Continue</button></div>
    </form>`;
}
