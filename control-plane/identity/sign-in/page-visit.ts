import { PATHS } from '#shared/api/paths.js';

interface VisitedPage {
  readonly path: string;
  /** What somebody may come to see, and where it is below the path. */
  readonly subject: RegExp;
  readonly below: (subject: string) => string;
}

/** An approval, a request for access, or the denial that somebody wants to ask about. */
const APPROVALS_SUBJECT = /^(?:(?<approval>apr_[0-9a-f]{32})|(?<access>grq_[0-9a-f]{32})|[0-9a-f-]{36})$/;

/** What a call waits for, or the server that somebody wants to connect. */
const CONNECT_SUBJECT = /^(?:(?<request>cnr_[0-9a-f]{32})|[a-z0-9][a-z0-9-]{0,23})$/;

/** Pages that have a sign-in of their own. */
const PAGES = {
  approvals: { path: PATHS.approvalsPage, subject: APPROVALS_SUBJECT, below: belowApprovals },
  connect: { path: PATHS.connectPage, subject: CONNECT_SUBJECT, below: belowConnect },
} as const satisfies Record<string, VisitedPage>;

export type SignInPage = keyof typeof PAGES;

export function isPageSubject(page: SignInPage, given: unknown): given is string {
  return typeof given === 'string' && PAGES[page].subject.test(given);
}

/**
 * The name of a sign-in for one page alone, which no authorization has: theirs have no dot, and are no word. What follows the
 * dot is what the person came to see.
 */
export function pageVisit(page: SignInPage, subject: string | undefined): string {
  return subject === undefined ? page : `${page}.${subject}`;
}

/** The page of a sign-in; undefined for an authorization. */
export function pageOfVisit(interaction: string): SignInPage | undefined {
  const page = cookieScope(interaction);
  return Object.hasOwn(PAGES, page) ? (page as SignInPage) : undefined;
}

/** One cookie serves all of a page. */
export function cookieScope(interaction: string): string {
  return interaction.split('.')[0]!;
}

/** Where the browser goes on after the IdP. */
export function afterIdp(interaction: string): string {
  const page = pageOfVisit(interaction);
  return page === undefined ? `/auth/interaction/${interaction}/done` : `${PAGES[page].path}/signed-in`;
}

export function pathOf(page: SignInPage): string {
  return PAGES[page].path;
}

/** What the person came to see. */
export function pathOfVisit(page: SignInPage, interaction: string): string {
  const subject = interaction.split('.')[1];
  const { path, below } = PAGES[page];
  return isPageSubject(page, subject) ? path + below(subject) : path;
}

function belowConnect(subject: string): string {
  const { request } = CONNECT_SUBJECT.exec(subject)?.groups ?? {};
  return request === undefined ? `?server=${subject}` : `/${request}`;
}

function belowApprovals(subject: string): string {
  const { approval, access } = APPROVALS_SUBJECT.exec(subject)?.groups ?? {};
  if (approval !== undefined) return `/${approval}`;
  return access === undefined ? `?request=${subject}` : `/access/${access}`;
}
