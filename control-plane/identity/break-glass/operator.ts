import type { PersonProfile } from '../sessions/persons.js';

/** No identity provider may have this id: whatever comes under it was made on the server's host. */
export const BREAK_GLASS = 'break-glass';

/** For policies that open something to break-glass sessions. None does by itself. */
export const BREAK_GLASS_GROUP = `${BREAK_GLASS}/operators`;

/** Whoever redeems a code: known to us only, as no IdP was asked. */
export function breakGlassOperator(issuer: string): PersonProfile {
  return { provider: BREAK_GLASS, issuer, subject: BREAK_GLASS, email: null, name: 'Break-glass' };
}
