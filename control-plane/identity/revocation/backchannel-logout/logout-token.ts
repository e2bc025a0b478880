import { isObject } from '#shared/mcp/json-rpc.js';
import { SignalRefused, type SignalClaims } from '../signed-signal.js';

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Glewlwyd says `JWT`, others what the final specification recommends, older ones nothing. */
export const LOGOUT_TOKEN_TYPES = [undefined, 'jwt', 'logout+jwt'] as const;
/** Seconds. The specification recommends tokens that live for two minutes at most. */
export const LOGOUT_TOKEN_AGE = 300;

/** Who was signed out at the IdP: one of its sessions, a person, or a session of a person. */
export interface LoggedOut {
  readonly subject?: string;
  readonly idpSession?: string;
}

/** Reads a verified logout token (OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.6). Throws SignalRefused. */
export function readLogoutToken({ sub, sid, events, nonce }: SignalClaims): LoggedOut {
  if (nonce !== undefined) throw refused('A logout token has no nonce.');
  if (!isObject(events) || !isObject(events[LOGOUT_EVENT])) throw refused('The token is not about a logout.');
  const subject = nonEmpty(sub);
  const idpSession = nonEmpty(sid);
  if (subject === undefined && idpSession === undefined) throw refused('The token names neither sub nor sid.');
  return { ...(subject === undefined ? {} : { subject }), ...(idpSession === undefined ? {} : { idpSession }) };
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function refused(message: string): SignalRefused {
  return new SignalRefused('invalid_request', message);
}
