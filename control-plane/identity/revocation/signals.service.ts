import { Inject, Injectable } from '@nestjs/common';
import { StorageService } from '../../storage/storage.service.js';
import { knownPerson } from '../sessions/persons.js';
import { peopleMeant, subjectAt, type AtProvider } from './person-rows.js';
import { RevocationService, type Revocation } from './revocation.service.js';
import { SignalRecords, type HeardSignal } from './signal-records.js';
import type { SignalSource } from './signal-sources.js';
import type { SubjectIdentifier } from './subject-identifier.js';

/** What a checked signal wants to have done. Times are epoch milliseconds. */
export interface Signal extends HeardSignal {
  readonly source: SignalSource;
  readonly effect: 'end' | 'disable' | 'enable';
  readonly subject: SubjectIdentifier;
  readonly heardAt: number;
  readonly saidAt: number;
}

/** A session of the provider that is over, perhaps with whose it was. */
export interface EndedAtProvider extends Omit<Signal, 'effect' | 'subject' | 'saidAt'> {
  readonly idpSession: string;
  /** `sub` at the provider. */
  readonly person?: string;
}

/** Has checked signals act. Each resolves to whether it leads to anybody here, and may be done twice. */
@Injectable()
export class SignalsService {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(RevocationService) private readonly revocations: RevocationService,
    @Inject(SignalRecords) private readonly records: SignalRecords,
  ) {}

  async act(signal: Signal): Promise<boolean> {
    const { source, subject, effect } = signal;
    if (subject.format === 'session') {
      return effect === 'end' && (await this.endIdpSession({ ...signal, idpSession: subject.id }));
    }
    const people = await this.#people(atProvider(source), signal);
    const recorded = this.records.heard(signal, people);
    const by = `ssf:${source.provider}`;
    const revocation = revocationOf(signal);
    if (effect === 'end') await this.revocations.endPeople(people, revocation);
    for (const person of people) {
      if (effect === 'disable') await this.revocations.disable(person, by, revocation);
      if (effect === 'enable') await this.revocations.enable(person, by, signal.saidAt);
    }
    await recorded;
    return people.length > 0;
  }

  async endIdpSession(ended: EndedAtProvider): Promise<boolean> {
    const { source, idpSession, person } = ended;
    const { providerIssuer: issuer } = source;
    const sessions = await this.revocations.cutOffIdpSession({ issuer, idpSession, subject: person });
    const recorded = this.records.heard(ended, [...new Set(sessions.map((session) => session.person))]);
    await this.revocations.endSessions(
      sessions.map(({ id }) => id),
      revocationOf(ended),
    );
    await recorded;
    return sessions.length > 0;
  }

  /** Whoever is disabled before they ever came must be known, so that they can't come later. */
  async #people(at: AtProvider, { effect, subject, heardAt }: Signal): Promise<string[]> {
    const people = await peopleMeant(this.storage.db, at, subject);
    const sub = subjectAt(at, subject);
    if (effect !== 'disable' || people.length > 0 || sub === undefined) return people;
    const { provider, providerIssuer: issuer } = at;
    return [await knownPerson(this.storage.db, { provider, issuer, subject: sub }, heardAt)];
  }
}

function atProvider({ provider, providerIssuer, issuer }: SignalSource): AtProvider {
  return { provider, providerIssuer, issuers: [providerIssuer, issuer] };
}

function revocationOf({ path, heardAt, reason, ...rest }: EndedAtProvider | Signal): Revocation {
  return { path, heardAt, reason: `${path}: ${reason}`, ...('saidAt' in rest ? { saidAt: rest.saidAt } : {}) };
}
