import { html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';

export interface ErrorPage {
  /** Code of the error table, or of OAuth. */
  readonly code: string;
  /** What happened and what to do next, in public words. */
  readonly message: string;
  /** Path that begins the same sign-in again. */
  readonly again?: string;
}

const TITLES: Record<string, string> = {
  sign_in_expired: 'This sign-in has expired',
  idp_unreachable: 'Your identity provider cannot be reached',
  rate_limited: 'Too many requests',
};

/** What a person sees when a sign-in cannot go on. */
export function errorPage({ code, message, again }: ErrorPage): string {
  const title = TITLES[code] ?? 'You are not signed in';
  return page(
    title,
    html`<h1>${title}</h1>
      <p>${message}</p>
      ${again === undefined ? '' : html`<a class="choice" href="${again}">Sign in with another account</a>`}
      <p class="quiet">You can close this window. Start again from your AI app, or run <code>mcp-sso login</code>.</p>
      <p class="code">${code}</p>`,
  );
}
