import { html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';
import { pathOf, type SignInPage } from '../page-visit.js';

/** How a page with a sign-in of its own speaks of itself. */
export interface PageWords {
  readonly page: SignInPage;
  readonly title: string;
  /** Heading, where somebody has to sign in first, and why. */
  readonly signIn: string;
  readonly why: string;
  /** The link to the whole of it. */
  readonly all: string;
}

interface SignInLink {
  readonly id: string;
  readonly host: string;
}

/** Before anything is shown. */
export function visitorSignInPage(
  words: PageWords,
  choices: readonly SignInLink[],
  subject: string | undefined,
): string {
  const links = choices.map(({ id, host }) => {
    const query = new URLSearchParams({ provider: id, ...(subject === undefined ? {} : { id: subject }) });
    const path = `${pathOf(words.page)}/sign-in?${query.toString()}`;
    return html`<a class="choice" href="${path}">Sign in at ${id} <small>(${host})</small></a>`;
  });
  return page(
    words.title,
    html`<h1>${words.signIn}</h1>
      <p class="quiet">${words.why}</p>
      ${links}`,
  );
}

/** Something that could not be done, in words. */
export function noticePage(words: PageWords, message: string, code: string): string {
  return page(
    words.title,
    html`<h1>This cannot be done</h1>
      <p>${message}</p>
      <p class="quiet"><a href="${pathOf(words.page)}">${words.all}</a></p>
      <p class="code">${code}</p>`,
  );
}
