import type { CredentialStore } from '../credential-store/credential-store.js';
import type { PendingAuthorization } from './authorization-code.js';
import type { AuthorizationParts } from './oauth-client.js';

/** A sign-in that waits for the person. */
export interface PendingSignIn extends PendingAuthorization {
  /** Epoch milliseconds of this computer. */
  readonly until: number;
  /** What it asks for: one that asks for something else can't go on with it. */
  readonly request: string;
}

/** What is left of a sign-in through the browser whose process was killed, sealed as tokens are. */
export class PendingSignIns {
  readonly #request: string;

  constructor(
    private readonly name: string,
    private readonly parts: Pick<AuthorizationParts, 'scope' | 'resource' | 'maxAge' | 'stepUp' | 'now'>,
  ) {
    const { scope, resource, maxAge, stepUp } = parts;
    this.#request = JSON.stringify([scope, resource, maxAge, stepUp]);
  }

  /** `timeout`: milliseconds that the person has. */
  async keep(store: CredentialStore, authorization: PendingAuthorization, timeout: number): Promise<PendingSignIn> {
    const until = this.parts.now().getTime() + timeout;
    const pending = { ...authorization, until, request: this.#request };
    await store.pending.keepPending(this.name, pending);
    return pending;
  }

  async left(store: CredentialStore): Promise<PendingSignIn | undefined> {
    const pending = (await store.pending.pending(this.name)) as PendingSignIn | undefined;
    if (pending?.request !== this.#request || pending.until <= this.parts.now().getTime()) return undefined;
    return pending;
  }

  async drop(store: CredentialStore): Promise<void> {
    await store.pending.dropPending(this.name);
  }
}
