import { PATHS } from '#shared/api/paths.js';

/**
 * A sign-in for the approvals page alone, told from authorizations by its name: theirs have no dot, and are no word.
 * What follows the dot is what the person came to see.
 */
const PAGE = 'approvals';

/** An approval, a request for access, or the denial that somebody wants to ask about. */
const SUBJECT = /^(?:(apr)_[0-9a-f]{32}|(grq)_[0-9a-f]{32}|[0-9a-f-]{36})$/;

export function isPageSubject(given: unknown): given is string {
  return typeof given === 'string' && SUBJECT.test(given);
}

export function pageVisit(subject: string | undefined): string {
  return subject === undefined ? PAGE : `${PAGE}.${subject}`;
}

export function isPageVisit(interaction: string): boolean {
  return cookieScope(interaction) === PAGE;
}

/** One cookie serves all of the page. */
export function cookieScope(interaction: string): string {
  return interaction.split('.')[0]!;
}

/** Where the browser goes on after the IdP. */
export function afterIdp(interaction: string): string {
  return isPageVisit(interaction) ? `${PATHS.approvalsPage}/signed-in` : `/auth/interaction/${interaction}/done`;
}

/** What the person came to see. */
export function pathOfVisit(interaction: string): string {
  const subject = interaction.split('.')[1];
  if (subject === undefined) return PATHS.approvalsPage;
  const [, approval, access] = SUBJECT.exec(subject) ?? [];
  if (approval !== undefined) return `${PATHS.approvalsPage}/${subject}`;
  if (access !== undefined) return `${PATHS.approvalsPage}/access/${subject}`;
  return `${PATHS.approvalsPage}?request=${subject}`;
}
