/** Seconds. */
export const LIFETIMES = {
  code: 60,
  accessToken: 300,
  /** The longest that a client may make its own (RFC 7523 §3). */
  clientAssertion: 300,
  idToken: 300,
  interaction: 600,
  deviceCode: 600,
} as const;

/** Of a break-glass session, whose one access token lives as long as it does (seconds). */
const LONGEST_BREAK_GLASS = 3600;

/** Of anything that a signing key signs. */
export const LONGEST_TOKEN_LIFE = Math.max(LIFETIMES.accessToken, LIFETIMES.idToken, LONGEST_BREAK_GLASS);
