import type { ListedSession } from '#shared/api/sessions.js';
import { printable } from '../../system/printable.js';
import { clockText } from '../../time-phrases/clock-text.js';
import type { TimeZone } from '../../time-phrases/time-zone.js';
import { actorsText, idleText, who } from './session-words.js';

const LABEL_WIDTH = 18;

/** Everything about one session, a line each; then how to end it, by the command that the reader has. */
export function printSession(session: ListedSession, zone: TimeZone, endCommand: string): string {
  const { id, kind, actors, client, app, device, address, idleSeconds, current } = session;
  const clock = (time: string): string => clockText(Date.parse(time), zone);
  const lines: [string, string][] = [
    ['Session', `${printable(id)}${current ? ' (this one)' : ''}`],
    ['Who', who(session.person)],
    ['Kind', kind],
    ...(actors.length === 0 ? [] : [['Used', actorsText(actors)] satisfies [string, string]]),
    ['Client', `${printable(app.title)} (${printable(client)})`],
    ['Calls itself', claim(app.claimedName)],
    ['Device', claim(device)],
    ['Managed device', session.managedDevice ? 'yes, says the identity provider' : 'no'],
    ['Address', printable(address)],
    ['Since', clock(session.createdAt)],
    ['Signed in', session.signedInAt === null ? 'the identity provider does not say' : clock(session.signedInAt)],
    ['Last use', clock(session.lastUsedAt)],
    ['Confirmed by IdP', clock(session.idpCheckedAt)],
    ['Until', clock(session.expiresAt)],
    ['Idle limit', idleText(idleSeconds)],
  ];
  const text = lines.map(([label, value]) => label.padEnd(LABEL_WIDTH) + value).join('\n');
  return `${text}\n\nTimes are ${zone.name}. End it: ${endCommand} ${printable(id)}\n`;
}

function claim(text: string | null): string {
  return text === null ? '-' : `${printable(text)} (its own claim)`;
}
