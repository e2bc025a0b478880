import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { StorageService } from '../../storage/storage.service.js';
import type { Session } from '../caller.js';

/** Longer than a sign-in may take, and than an assertion is good for: milliseconds. */
export const CUTOFF_LIFETIME = 3_600_000;

/** A session of the IdP; `subject` where it is known whose. */
export interface IdpSession {
  readonly issuer: string;
  readonly idpSession: string;
  readonly subject?: string | undefined;
}

/** What of a sign-in says whether it was cut off; `begunAt`: epoch milliseconds. */
export interface BegunSignIn extends Pick<Session, 'person' | 'idpSession'> {
  readonly begunAt: number;
}

/**
 * When sign-ins were last ended as a whole: those that had begun by then come to nothing, also where they still wait for a
 * click. Whoever ends cuts off first and looks for sessions after it; whoever begins one stores it first and asks here after
 * it. So of two at the same moment, one sees the other.
 */
@Injectable()
export class SignInCutoffs {
  constructor(@Inject(StorageService) private readonly storage: StorageService) {}

  async cutPeople(persons: readonly string[]): Promise<void> {
    await this.#cut(persons.map((person) => idOf('person', person)));
  }

  /** With a `subject` also that person's sign-ins of which it is not known with what they began. */
  async cutIdpSession({ issuer, idpSession, subject }: IdpSession): Promise<void> {
    const unknown = subject === undefined ? [] : [idOf('unknown-idp-session', issuer, subject)];
    await this.#cut([idOf('idp-session', issuer, idpSession), ...unknown]);
  }

  async isCut({ person, idpSession, begunAt }: BegunSignIn): Promise<boolean> {
    const { issuer, subject } = person;
    const began =
      idpSession === null ? idOf('unknown-idp-session', issuer, subject) : idOf('idp-session', issuer, idpSession);
    const rows = await this.storage.db
      .selectFrom('sign_in_cutoffs')
      .select('cut_at')
      .where('id', 'in', [idOf('person', person.id), began])
      .execute();
    return rows.some(({ cut_at: cutAt }) => !(begunAt > cutAt));
  }

  async #cut(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const now = Date.now();
    await this.storage.db
      .insertInto('sign_in_cutoffs')
      .values(ids.map((id) => ({ id, cut_at: now })))
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({ cut_at: now }).where('sign_in_cutoffs.cut_at', '<', now),
      )
      .execute();
  }
}

function idOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
