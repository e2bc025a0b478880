import { html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';

export interface ProviderChoice {
  readonly id: string;
  readonly host: string;
  /** Path with query that begins the sign-in at this provider. */
  readonly path: string;
}

/** Asks where the person signs in, when the company has several IdPs; with one, it leads there by a click. */
export function chooseProviderPage(choices: readonly ProviderChoice[]): string {
  const links = choices.map(
    ({ id, host, path }) => html`<a class="choice" href="${path}">${id} <small>(${host})</small></a>`,
  );
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
