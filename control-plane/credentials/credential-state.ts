import type { CredentialKind, CredentialSettings } from '../config/credential-settings.js';

/** How one of the company's credentials does, as this process last saw it. Times are epoch milliseconds. */
export interface CredentialState {
  readonly kind: CredentialKind;
  /** `refused`: the server does not take it. `unavailable`: there is none that could be sent. `unused`: nobody has needed it yet. */
  readonly state: 'unused' | 'ok' | 'refused' | 'unavailable';
  /** Null while it is unused. */
  readonly since: number | null;
  /** For admins: what was said of it, never a secret. */
  readonly detail: string | null;
}

type Change = Pick<CredentialState, 'state' | 'detail'>;

/** Kept by a credential of the settings: a changed one begins anew. */
export class CredentialStates {
  readonly #states = new WeakMap<CredentialSettings, CredentialState>();

  constructor(private readonly now: () => number = Date.now) {}

  of(credential: CredentialSettings): CredentialState {
    return this.#states.get(credential) ?? { kind: credential.kind, state: 'unused', since: null, detail: null };
  }

  /** False where it is what it was; since when, counts from the first time. */
  change(credential: CredentialSettings, { state, detail }: Change): boolean {
    if (this.#states.get(credential)?.state === state) return false;
    this.#states.set(credential, { kind: credential.kind, state, since: this.now(), detail });
    return true;
  }
}
