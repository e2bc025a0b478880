import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { SignalRefused, type SignalClaims } from '../signed-signal.js';
import { subjectOf, type SubjectIdentifier } from '../subject-identifier.js';

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type';

/** What an event means here. `end`: the sessions; `disable`: those, and nobody signs in until `enable`. */
type EventEffect = 'end' | 'disable' | 'enable' | 'verify' | 'none';

const EFFECTS: Readonly<Record<string, EventEffect>> = {
  [`${CAEP}/session-revoked`]: 'end',
  [`${CAEP}/credential-change`]: 'end',
  [`${RISC}/account-disabled`]: 'disable',
  [`${RISC}/account-purged`]: 'disable',
  [`${RISC}/account-enabled`]: 'enable',
  /** Deprecated by CAEP's, and still what Google sends. */
  [`${RISC}/sessions-revoked`]: 'end',
  'https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked': 'end',
  'https://schemas.openid.net/secevent/ssf/event-type/verification': 'verify',
};

/** Seconds. A transmitter may send again for days what could not be delivered; a week is as long as any session lives. */
export const SECURITY_EVENT_AGE = 7 * 86_400;
export const SECURITY_EVENT_TYPES = ['secevent+jwt'] as const;

export interface SecurityEvent {
  readonly effect: EventEffect;
  /** The last part of the event's URI, for people. */
  readonly name: string;
  readonly subject: SubjectIdentifier | undefined;
}

/** The events of a verified SET (RFC 8417 §2.2), each with its subject. Throws SignalRefused. */
export function readSecurityEvents({ events, sub_id: subjectOfAll }: SignalClaims): SecurityEvent[] {
  if (!isObject(events) || Object.keys(events).length === 0) {
    throw new SignalRefused('invalid_request', 'The token holds no event.');
  }
  return Object.entries(events).map(([uri, payload]) => ({
    effect: Object.hasOwn(EFFECTS, uri) ? (EFFECTS[uri] ?? 'none') : 'none',
    name: uri.split('/').at(-1) ?? uri,
    subject: subjectOf(subjectOfAll ?? (isObject(payload) ? olderSubject(payload) : undefined)),
  }));
}

/** Before Shared Signals 1.0 the subject was in the event. */
function olderSubject({ subject }: JsonObject): unknown {
  return subject;
}
