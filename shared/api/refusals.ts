/** `error_description` (RFC 6749 §5.2, so ASCII only) of `access_denied`: the page and the CLI say each in their own words. */
export const REFUSALS = {
  byPerson: 'the person refused the sign-in',
  byProvider: 'the identity provider refused the sign-in',
  otherNetwork: 'the device login was started in another network',
  /** Of `temporarily_unavailable`, as it is shown: the grace of docs/decisions/023 is over. */
  graceOver:
    "The company's identity provider has not answered for longer than your company allows working without it. Try again when it is back, or ask your administrator.",
} as const;
