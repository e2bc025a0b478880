import type { Role } from '../config/settings.js';
import type { Acting } from '../policy/grants/grant.js';
import { actorOf, type Actor } from './actor.js';

/** Who asks, gives, takes or ends access, as their sign-in says now. Whoever came by break-glass is a person too. */
export function actingOf(actor: Actor, roles: readonly Role[]): Acting {
  const { person, groups, kind, actors } = actor.caller.session;
  return {
    person: person.id,
    roles,
    groups,
    inPerson: kind !== 'service' && actors.length === 0,
    record: actorOf(actor),
  };
}
