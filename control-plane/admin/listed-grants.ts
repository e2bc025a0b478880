import { Inject, Injectable } from '@nestjs/common';
import type { ListedGrant, ListedGrantRequest } from '#shared/api/grants.js';
import type { ListedPerson } from '#shared/api/person.js';
import { SessionDirectory } from '../identity/sessions/session-directory.js';
import type { GrantHistory, GrantRequest } from '../policy/grants/grant.js';

type People = ReadonlyMap<string, ListedPerson>;

/** Grants and requests as lists show them: with people’s names, and times in RFC 3339. */
@Injectable()
export class ListedGrants {
  constructor(@Inject(SessionDirectory) private readonly directory: SessionDirectory) {}

  async grants(found: readonly GrantHistory[]): Promise<ListedGrant[]> {
    const people = await this.#people(found.flatMap(({ person, createdBy }) => [person, createdBy]));
    const now = Date.now();
    return found.map((grant) => listedGrant(grant, people, now));
  }

  async grant(one: GrantHistory): Promise<ListedGrant> {
    return (await this.grants([one]))[0]!;
  }

  async requests(found: readonly GrantRequest[]): Promise<ListedGrantRequest[]> {
    const people = await this.#people(
      found.flatMap(({ person, decidedBy }) => (decidedBy === undefined ? [person] : [person, decidedBy])),
    );
    const now = Date.now();
    return found.map((request) => listedRequest(request, people, now));
  }

  async request(one: GrantRequest): Promise<ListedGrantRequest> {
    return (await this.requests([one]))[0]!;
  }

  async #people(ids: readonly string[]): Promise<People> {
    const wanted = [...new Set(ids)];
    const found = await this.directory.people({ people: wanted, limit: wanted.length });
    return new Map(found.map(({ id, email, name }) => [id, { id, email, name }]));
  }
}

function listedGrant(grant: GrantHistory, people: People, now: number): ListedGrant {
  const { id, kind, person, server, tool = null, reason, createdBy, createdAt, expiresAt, endedAt, endedBy } = grant;
  const open = now < expiresAt ? 'live' : 'expired';
  return {
    id,
    kind,
    person: personIn(people, person),
    server,
    tool,
    reason,
    givenBy: personIn(people, createdBy),
    createdAt: rfc3339(createdAt),
    expiresAt: rfc3339(expiresAt),
    state: endedAt === undefined ? open : 'ended',
    endedAt: endedAt === undefined ? null : rfc3339(endedAt),
    endedBy: endedBy ?? null,
    reviewedAt: grant.reviewedAt === undefined ? null : rfc3339(grant.reviewedAt),
    reviewedBy: grant.reviewedBy ?? null,
  };
}

function listedRequest(request: GrantRequest, people: People, now: number): ListedGrantRequest {
  const { id, state, person, server, tool = null, minutes, reason, reference, createdAt, expiresAt } = request;
  const { decidedAt, decidedBy, answer = null, grant = null } = request;
  return {
    id,
    state: state === 'open' && expiresAt <= now ? 'expired' : state,
    person: personIn(people, person),
    server,
    tool,
    minutes,
    reason,
    reference,
    createdAt: rfc3339(createdAt),
    expiresAt: rfc3339(expiresAt),
    decidedAt: decidedAt === undefined ? null : rfc3339(decidedAt),
    decidedBy: decidedBy === undefined ? null : personIn(people, decidedBy),
    answer,
    grant,
  };
}

function personIn(people: People, id: string): ListedPerson {
  return people.get(id) ?? { id, email: null, name: null };
}

function rfc3339(time: number): string {
  return new Date(time).toISOString();
}
