import { html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';
import { pageHeaders } from '#shared/pages/page-headers.js';
import { accountName } from './account-name.js';
import type { Account } from './token-source.js';

/** What the last page of a sign-in says. */
export type SignInResult = { readonly account: Account; readonly origin: string } | { readonly fault: string };

/** Sent with every page: nothing is loaded, framed, stored or told to other sites. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = { ...pageHeaders(), connection: 'close' };

export function resultPage(result: SignInResult): string {
  if ('fault' in result) {
    const title = 'You are not signed in';
    return page(
      title,
      html`<h1>${title}</h1>
        <p>${result.fault}</p>
        <p class="quiet">Start again from your AI app, or run <code>mcp-sso login</code>.</p>`,
    );
  }
  const title = 'You are signed in';
  return page(
    title,
    html`<h1>${title}</h1>
      <p>
        This computer may now use ${new URL(result.origin).host} as <strong>${accountName(result.account)}</strong>.
      </p>
      <p class="quiet">You can close this tab and go back to your AI app.</p>`,
  );
}
