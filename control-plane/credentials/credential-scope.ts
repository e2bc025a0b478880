import type { Person, SessionKind } from '../identity/caller.js';
import type { Injection } from './injection.js';

/** The sign-in on whose behalf a server is asked; without a person where the operator asks on the host. */
export interface OnBehalf {
  readonly id: string;
  readonly groups: readonly string[];
  readonly person?: Person;
  readonly kind?: SessionKind;
  /** Who acts for the person, nearest first. */
  readonly actors?: readonly string[];
}

/** For what a credential is needed: a server, on whose behalf, and the tool where one is called. */
export interface CredentialScope {
  readonly server: string;
  readonly session: OnBehalf;
  readonly tool?: string | undefined;
}

export interface CredentialResolver {
  /**
   * What to add to a request; NO_INJECTION where the server needs nothing.
   * @throws CodedError credential_unavailable; its `detail` says which reference failed and what to do, no values.
   * @throws CodedError connection_needed, connection_refused where the person has to connect their own account first.
   */
  resolve(scope: CredentialScope): Promise<Injection>;
  /**
   * The same after the server has refused `refused` (HTTP 401): what was kept is forgotten, and asked for anew.
   * @returns undefined where nothing else can be had, so that asking again would end the same.
   */
  renew(scope: CredentialScope, refused: Injection): Promise<Injection | undefined>;
}
