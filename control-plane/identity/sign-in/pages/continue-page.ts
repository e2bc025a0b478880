import { html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';

export interface ContinuePage {
  readonly provider: string;
  readonly host: string;
  /** The authorization request at the provider. */
  readonly location: string;
  /** Path of the page that asked for the address. */
  readonly back: string;
}

/** Between the form for the address and the IdP: a link, because a form could not lead there. */
export function continuePage({ provider, host, location, back }: ContinuePage): string {
  return page(
    'Sign in',
    html`<h1>Now sign in at ${provider}</h1>
      <p class="quiet">Then you come back here, see which app it is, and decide.</p>
      <a class="choice" href="${location}">Continue to ${provider} <small>(${host})</small></a>
      <p class="quiet"><a href="${back}">Use another address</a></p>`,
  );
}
