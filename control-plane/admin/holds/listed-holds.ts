import { Inject, Injectable } from '@nestjs/common';
import type { ListedHold } from '#shared/api/holds.js';
import type { ListedPerson } from '#shared/api/person.js';
import type { LegalHold } from '../../audit/legal-holds/legal-hold.js';
import { SessionDirectory } from '../../identity/sessions/session-directory.js';

type People = ReadonlyMap<string, ListedPerson>;

/** Holds as lists show them: with people’s names, and times in RFC 3339. */
@Injectable()
export class ListedHolds {
  constructor(@Inject(SessionDirectory) private readonly directory: SessionDirectory) {}

  async holds(found: readonly LegalHold[]): Promise<ListedHold[]> {
    const ids = found.flatMap(({ person, createdBy, released }) => [person, createdBy, released?.by ?? null]);
    const wanted = [...new Set(ids.filter((id) => id !== null))];
    const named = await this.directory.people({ people: wanted, limit: wanted.length });
    const people = new Map(named.map(({ id, email, name }) => [id, { id, email, name }]));
    return found.map((hold) => listedHold(hold, people));
  }

  async hold(one: LegalHold): Promise<ListedHold> {
    return (await this.holds([one]))[0]!;
  }
}

function listedHold(hold: LegalHold, people: People): ListedHold {
  const { id, name, person, server, from, to, createdBy, createdAt, released } = hold;
  return {
    id,
    name,
    person: person === null ? null : personIn(people, person),
    server,
    from: from === null ? null : rfc3339(from),
    to: to === null ? null : rfc3339(to),
    createdBy: personIn(people, createdBy),
    createdAt: rfc3339(createdAt),
    state: released ? 'released' : 'active',
    releasedBy: released ? personIn(people, released.by) : null,
    releasedAt: released ? rfc3339(released.at) : null,
    releaseReason: released?.reason ?? null,
  };
}

function personIn(people: People, id: string): ListedPerson {
  return people.get(id) ?? { id, email: null, name: null };
}

function rfc3339(time: number): string {
  return new Date(time).toISOString();
}
