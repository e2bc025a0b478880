import type { Kysely } from 'kysely';
import type { ListedPerson } from '#shared/api/person.js';
import type { ListedDifference, Replay } from '#shared/api/replay.js';
import type { Difference } from '../simulation/differences.js';
import type { ReplayJob } from '../simulation/replays.service.js';
import type { Database } from '../storage/schema.js';
import { listedPeople } from './listed-people.js';

/** A replay as the API shows it. */
export async function listedReplay(db: Kysely<Database>, job: ReplayJob): Promise<Replay> {
  const { id, state, range, calls, findings, fault } = job;
  const { losses, gains, more } = findings.differences.list();
  const people = await listedPeople(
    db,
    [...losses, ...gains].map(({ person }) => person),
  );
  return {
    id,
    state,
    since: new Date(range.since).toISOString(),
    until: new Date(range.until).toISOString(),
    calls,
    replayed: findings.replayed,
    unchanged: findings.unchanged,
    unknown: { ...findings.unknown },
    losses: losses.map((difference) => listed(difference, people)),
    gains: gains.map((difference) => listed(difference, people)),
    more,
    fault: fault ?? null,
  };
}

function listed(
  { person, policies, samples, ...difference }: Difference,
  people: ReadonlyMap<string, ListedPerson>,
): ListedDifference {
  const who = people.get(person) ?? { id: person, email: null, name: null };
  return { ...difference, person: who, policies: [...policies], samples: [...samples] };
}
