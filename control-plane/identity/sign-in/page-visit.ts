import { PATHS } from '#shared/api/paths.js';

/**
 * A sign-in for the approvals page alone, told from authorizations by its name: theirs have no dot, and are no word.
 * What follows the dot is the request that the person came to see.
 */
const PAGE = 'approvals';

export function pageVisit(approval: string | undefined): string {
  return approval === undefined ? PAGE : `${PAGE}.${approval}`;
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
  const approval = interaction.split('.')[1];
  return approval === undefined ? PATHS.approvalsPage : `${PATHS.approvalsPage}/${approval}`;
}
