import type { ListedPerson } from '#shared/api/person.js';
import type { ListedSession } from '#shared/api/sessions.js';
import { printable } from '../../system/printable.js';
import { cut } from '../table.js';

/** What others say of themselves is cut here, so that what we say of it never is. */
const MAX_CLAIM = 30;

/** A person as tables show them. */
export function who({ email, name, id }: ListedPerson): string {
  return printable(email ?? name ?? id);
}

/** What is particular about a session. `here`: ids of the sign-ins that this computer keeps. */
export function notesOn(session: ListedSession, here: ReadonlySet<string>): string[] {
  const { id, current, kind, actors, device, managedDevice, app } = session;
  return [
    ...(current ? ['this one'] : []),
    ...(!current && here.has(id) ? ['this computer'] : []),
    ...(kind === 'person' ? [] : [kind]),
    ...(actors.length === 0 ? [] : [actorsText(actors)]),
    ...(device === null ? [] : [`${claim(device)} (its own claim)`]),
    ...(managedDevice ? ['managed device'] : []),
    ...(app.claimedName === null ? [] : [`calls itself “${claim(app.claimedName)}”`]),
  ];
}

/** Who acts for the person, the nearest first. */
export function actorsText(actors: readonly string[]): string {
  return `by ${actors.map(printable).join(' for ')}`;
}

export function idleText(seconds: number | null): string {
  if (seconds === null) return '-';
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function claim(text: string): string {
  return cut(printable(text), MAX_CLAIM);
}
