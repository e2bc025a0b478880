import { Inject, Injectable } from '@nestjs/common';
import { findPeople } from '../../storage/find-people.js';
import { StorageService } from '../../storage/storage.service.js';
import { ScimStanding } from '../scim/scim-standing.js';
import { listPeople, type PeopleFilter, type PersonSummary } from './list-people.js';
import { derivedFrom } from './delegation.js';
import { findOwnSessions, type PastSession } from './own-sessions.js';
import { findSession, listSessions, type SessionFilter, type SessionSummary } from './list-sessions.js';

type Timeless<T> = Omit<T, 'now'>;

/** Who is signed in, and who ever was: what administration sees. No call is decided by it. */
@Injectable()
export class SessionDirectory {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(ScimStanding) private readonly scim: ScimStanding,
  ) {}

  /** Live sessions, newest first; up to one more than `limit`. */
  async sessions(filter: Timeless<SessionFilter>): Promise<SessionSummary[]> {
    return listSessions(this.storage.db, { ...filter, now: Date.now() });
  }

  /** People by id; up to one more than `limit`. */
  async people(filter: Timeless<PeopleFilter>): Promise<PersonSummary[]> {
    const people = await listPeople(this.storage.db, { ...filter, now: Date.now() });
    return Promise.all(people.map(async (person) => this.#withGroups(person)));
  }

  /** Ids of everyone whom a word may mean: e-mail address, the part before its @, name or id. */
  async meaning(word: string): Promise<string[]> {
    return findPeople(this.storage.db, word);
  }

  /** A live session. */
  async session(id: string): Promise<SessionSummary | undefined> {
    return findSession(this.storage.db, { id, now: Date.now() });
  }

  /** Those of the ids that are sign-ins of this person, live or over. */
  async ownSessions(person: string, ids: readonly string[]): Promise<ReadonlyMap<string, PastSession>> {
    return findOwnSessions(this.storage.db, person, ids, Date.now());
  }

  /** Its id, and those of all that end with it: agents act for the person only while it lives. */
  async endingWith(id: string): Promise<string[]> {
    return [id, ...(await derivedFrom(this.storage.db, id))];
  }

  async knows(personId: string): Promise<boolean> {
    const row = await this.storage.db
      .selectFrom('persons')
      .select('id')
      .where('id', '=', personId)
      .where('erased_at', 'is', null)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** As calls see them: where SCIM says the groups, those of the sign-ins count for nothing. */
  async #withGroups(person: PersonSummary): Promise<PersonSummary> {
    if (person.liveSessions === 0 || !this.scim.saysGroups(person.provider)) return person;
    return { ...person, groups: await this.scim.groupsOf(person.id) };
  }
}
