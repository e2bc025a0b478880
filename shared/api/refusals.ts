/** `error_description` of `access_denied`: the page and the CLI say each in their own words. */
export const REFUSALS = {
  byPerson: 'the person refused the sign-in',
  byProvider: 'the identity provider refused the sign-in',
  otherNetwork: 'the device login was started in another network',
} as const;
