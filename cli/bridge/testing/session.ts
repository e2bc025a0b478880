import { CodedError } from '#shared/errors.js';
import type { StepUpChallenge } from '../../sign-in/step-up-request.js';
import type { Account, RequestAuthorization, SignIn, SignInStart, TokenSource } from '../../sign-in/token-source.js';

const ALICE: Account = { person: 'usr_alice', name: 'Alice', email: 'alice@acme.example' };

/** Tokens and sign-in of one person, kept in memory; the test plays the browser and the other processes. */
export class MemorySession implements TokenSource, SignIn {
  startsByItself = true;
  /** Where set, the sign-in is by this code. */
  code: string | undefined;
  readonly refusals: (string | undefined)[] = [];
  readonly begun: { openBrowser: boolean; force?: boolean }[] = [];
  /** What step-ups were begun with. */
  readonly stepUps: StepUpChallenge[] = [];
  /** How the next step-up starts, where the browser does not just open. */
  stepUpStart: Partial<SignInStart> = {};
  renewal = Promise.withResolvers<Account>();
  /** Tokens that refreshes will bring, in order. */
  readonly next: string[] = [];
  #token: string | undefined;
  #proofs = 0;
  #listeners = new Set<() => void>();
  #completed = Promise.withResolvers<Account>();

  constructor(
    readonly origin: string,
    token?: string,
  ) {
    this.#token = token;
    // Nobody may be waiting for the sign-in that a test lets fail.
    this.#completed.promise.catch(() => undefined);
    this.renewal.promise.catch(() => undefined);
  }

  get tokens(): TokenSource {
    return this;
  }
  get signIn(): SignIn {
    return this;
  }
  get stepUp() {
    return {
      begin: async (challenge: StepUpChallenge): Promise<SignInStart> => {
        this.stepUps.push(challenge);
        const url = `${this.origin}/oauth/authorize?step_up=1`;
        return { url, opened: true, completed: this.renewal.promise, ...this.stepUpStart };
      },
    };
  }

  async authorize(method: string, url: string): Promise<RequestAuthorization> {
    if (this.#token === undefined) throw new CodedError('sign_in_needed');
    this.#proofs += 1;
    return { authorization: `DPoP ${this.#token}`, dpop: `${method} ${url} ${this.#proofs}` };
  }

  refused(_authorization: RequestAuthorization, serverDate: string | undefined): void {
    this.refusals.push(serverDate);
    this.#token = this.next.shift();
  }

  async begin(options: { openBrowser: boolean; force?: boolean }): Promise<SignInStart> {
    this.begun.push(options);
    return {
      url: `${this.origin}/oauth/authorize?request=1`,
      ...(this.code === undefined ? {} : { code: this.code }),
      opened: options.openBrowser && this.code === undefined,
      completed: this.#completed.promise,
    };
  }

  async signedIn(): Promise<Account | undefined> {
    return this.#token === undefined ? undefined : ALICE;
  }

  onSignedIn(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The person finishes the sign-in that this process began. */
  complete(token: string): void {
    this.#token = token;
    this.#completed.resolve(ALICE);
  }

  /** Another process of this person signs in. */
  signInElsewhere(token: string): void {
    this.#token = token;
    for (const listener of this.#listeners) listener();
  }

  signOut(): void {
    this.#token = undefined;
  }

  /** The sign-in that this process began comes to nothing. */
  fail(): void {
    this.#completed.reject(new CodedError('sign_in_failed'));
    this.#completed = Promise.withResolvers<Account>();
    this.#completed.promise.catch(() => undefined);
  }
}
