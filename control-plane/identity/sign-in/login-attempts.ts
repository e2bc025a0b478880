import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { StorageService } from '../../storage/storage.service.js';
import type { StepUp } from '#shared/api/step-up.js';
import type { LoginSecrets } from '../idp/identity-provider.js';
import type { IdpTokens } from '../idp/idp-tokens.js';
import type { Person } from '../caller.js';

/** How long a way through the IdP may take: milliseconds. */
export const ATTEMPT_LIFETIME = 600_000;

/** On the way to the IdP, found by `state`. */
export interface AtIdp {
  readonly provider: string;
  readonly secrets: LoginSecrets;
  /** When the browser was sent there. */
  readonly begunAt: number;
  /** What was asked of the sign-in at the IdP. */
  readonly demand: StepUp;
  /** Id of the one person who may complete it; without it, anyone. */
  readonly person?: string;
  /** SHA-256 of the login cookie: only the browser that began may go on. */
  readonly browser: string;
}

/** Signed in at the IdP, not yet confirmed: found by a one-time key, then by the login cookie. */
export interface SignedInAtIdp {
  readonly person: Person;
  readonly groups: readonly string[];
  readonly acr: string | null;
  readonly amr: readonly string[];
  readonly authTime: number;
  readonly idpSession: string | null;
  readonly managedDevice: boolean;
  readonly begunAt: number;
  readonly checkedAt: number;
  readonly refreshToken: string;
  /** What else the IdP gave, where some server needs it. */
  readonly tokens?: IdpTokens;
  readonly browser: string;
}

interface Stages {
  'at-idp': AtIdp;
  returned: SignedInAtIdp;
  unconfirmed: SignedInAtIdp;
}

export interface Attempt<S extends keyof Stages> {
  /** The authorization that the attempt belongs to. */
  readonly interaction: string;
  readonly data: Stages[S];
}

const SEALED_FOR = 'login-attempts';

/** What a sign-in must remember between two requests of a browser: sealed, ten minutes, one use. */
@Injectable()
export class LoginAttempts {
  constructor(@Inject(StorageService) private readonly storage: StorageService) {}

  async put<S extends keyof Stages>(stage: S, key: string, attempt: Attempt<S>): Promise<void> {
    const id = idOf(stage, key);
    const sealed = this.storage.seal(SEALED_FOR, id, Buffer.from(JSON.stringify(attempt.data)));
    const row = { id, interaction: attempt.interaction, sealed, expires_at: Date.now() + ATTEMPT_LIFETIME };
    await this.storage.db.insertInto('login_attempts').values(row).execute();
  }

  /** Looks without using up. */
  async peek<S extends keyof Stages>(stage: S, key: string): Promise<Attempt<S> | undefined> {
    const row = await this.storage.db
      .selectFrom('login_attempts')
      .selectAll()
      .where('id', '=', idOf(stage, key))
      .where('expires_at', '>', Date.now())
      .executeTakeFirst();
    return row && this.#opened(row);
  }

  /** Uses it up: of two at once, one gets it. */
  async take<S extends keyof Stages>(stage: S, key: string): Promise<Attempt<S> | undefined> {
    const row = await this.storage.db
      .deleteFrom('login_attempts')
      .where('id', '=', idOf(stage, key))
      .where('expires_at', '>', Date.now())
      .returningAll()
      .executeTakeFirst();
    return row && this.#opened(row);
  }

  #opened<S extends keyof Stages>(row: { id: string; interaction: string; sealed: Buffer }): Attempt<S> {
    const plain = this.storage.open(SEALED_FOR, row.id, row.sealed).toString();
    return { interaction: row.interaction, data: JSON.parse(plain) as Stages[S] };
  }
}

function idOf(stage: string, key: string): string {
  return createHash('sha256').update(`${stage}:${key}`).digest('base64url');
}
