import { Inject, Injectable } from '@nestjs/common';
import { StorageService } from '../../storage/storage.service.js';
import type { Person, Session } from '../caller.js';
import { ScimProviders } from './scim-providers.js';
import { standingOf } from './standing.js';

/** What SCIM adds to a sign-in: whether it stands, and in which groups the person is. */
@Injectable()
export class ScimStanding {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(ScimProviders) private readonly providers: ScimProviders,
  ) {}

  /** Whether SCIM alone says the groups of a provider's people. */
  saysGroups(provider: string): boolean {
    return this.providers.saysGroups(provider);
  }

  /** False for a person whom SCIM keeps out; `userName` is what the provider calls them, where it says. */
  async admits({ provider, subject, email }: Person, userName: string | null = null): Promise<boolean> {
    if (!this.providers.has(provider)) return true;
    const { admitted } = await standingOf(this.storage.db, { provider, subject, names: [email, userName] });
    return admitted;
  }

  /** The groups of a person of a provider whose groups SCIM says. */
  async groupsOf(personId: string): Promise<readonly string[]> {
    const { db } = this.storage;
    const person = db.selectFrom('persons').select(['provider', 'subject']).where('id', '=', personId);
    const { provider, subject } = await person.executeTakeFirstOrThrow();
    return (await standingOf(db, { provider, subject, names: [] })).groups;
  }

  /** A session as SCIM has it; undefined where it keeps the person out. */
  async applied(session: Session): Promise<Session | undefined> {
    const { provider, subject, email } = session.person;
    if (session.kind !== 'person' || !this.providers.has(provider)) return session;
    const { admitted, groups } = await standingOf(this.storage.db, { provider, subject, names: [email] });
    if (!admitted) return undefined;
    return this.providers.saysGroups(provider) ? { ...session, groups } : session;
  }
}
