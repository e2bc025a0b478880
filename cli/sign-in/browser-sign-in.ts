import { CodedError } from '#shared/errors.js';
import type { CredentialStore } from '../credential-store/credential-store.js';
import { redeemCode, startAuthorization } from './authorization-code.js';
import type { BrowserOpenings } from './browser-openings.js';
import { CallbackServer } from './callback-server.js';
import type { AuthorizationParts } from './oauth-client.js';
import { PendingSignIns, type PendingSignIn } from './pending-sign-in.js';
import { signInName, SingleSignIn, type Run, type SingleSignInParts, type Way } from './single-sign-in.js';
import { watchStore } from './store-watch.js';
import type { Account, SignIn, SignInStart } from './token-source.js';

const PERSON_TIMEOUT = 5 * 60 * 1000;

export interface SignInParts extends AuthorizationParts, SingleSignInParts {
  /** Opens the address where a browser can be shown; says whether it did. */
  readonly open: (url: string) => Promise<boolean>;
  readonly openings: BrowserOpenings;
  /** Milliseconds that the person has; 5 minutes unless told. */
  readonly timeout?: number;
}

type Announce = Parameters<Way['start']>[1];

interface Opening {
  readonly openBrowser: boolean;
  readonly force?: boolean;
}

export class BrowserSignIn implements SignIn {
  readonly startsByItself = true;
  readonly #parts: SignInParts;
  readonly #timeout: number;
  readonly #single: SingleSignIn;
  readonly #pending: PendingSignIns;
  #mayOpen = false;

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.#timeout = parts.timeout ?? PERSON_TIMEOUT;
    this.#pending = new PendingSignIns(signInName(parts, 'browser'), parts);
    this.#single = new SingleSignIn(parts, this.#timeout, {
      name: 'browser',
      start: this.#run.bind(this),
      resume: this.#resume.bind(this),
      resumed: ({ url }) => this.#open(url, { openBrowser: this.#mayOpen }, false),
    });
  }

  async begin(options: Opening): Promise<SignInStart> {
    this.#mayOpen ||= options.openBrowser;
    const first = !this.#single.running;
    const { shown, completed, joined } = await this.#single.begin();
    const opened = first || options.force ? await this.#open(shown.url, options, joined) : false;
    return { url: shown.url, opened, ...(joined ? { joined } : {}), completed };
  }

  async signedIn(): Promise<Account | undefined> {
    return (await (await this.#parts.store()).read(this.#parts.slot))?.account;
  }

  onSignedIn(listener: () => void): () => void {
    return watchStore(this.#parts.store, this.#parts.slot, listener);
  }

  async #run(store: CredentialStore, announce: Announce): Promise<Run> {
    const server = new CallbackServer();
    try {
      await server.listen();
      const authorization = await startAuthorization(this.#parts, server.redirectUri);
      const pending = await this.#pending.keep(store, authorization, this.#timeout);
      await announce({ url: pending.url });
      return this.#completed(store, server, pending);
    } catch (error) {
      await server.finish({ fault: 'The sign-in could not be started.' });
      throw error;
    }
  }

  async #resume(store: CredentialStore, announce: Announce): Promise<Run | undefined> {
    const pending = await this.#pending.left(store);
    if (!pending) return undefined;
    const server = new CallbackServer({ again: pending.url });
    try {
      await server.listen(Number(new URL(pending.redirectUri).port));
    } catch {
      // Another program has the port by now: the tab is lost.
      return undefined;
    }
    await announce({ url: pending.url });
    return this.#completed(store, server, pending);
  }

  #completed(store: CredentialStore, server: CallbackServer, pending: PendingSignIn): Run {
    return { shown: { url: pending.url }, completed: this.#complete(store, server, pending) };
  }

  async #complete(store: CredentialStore, server: CallbackServer, pending: PendingSignIn): Promise<Account> {
    const { slot, now } = this.#parts;
    try {
      const timeout = pending.until - now().getTime();
      const callback = await server.receive({ state: pending.state, issuer: slot.origin, timeout });
      const signIn = await redeemCode(this.#parts, pending, callback);
      await store.put(slot, signIn);
      await server.finish({ account: signIn.account, origin: slot.origin });
      return signIn.account;
    } catch (error) {
      await server.finish({ fault: error instanceof CodedError ? error.message : 'The sign-in did not succeed.' });
      throw error;
    } finally {
      await this.#pending.drop(store);
    }
  }

  async #open(url: string, { openBrowser, force = false }: Opening, joined: boolean): Promise<boolean> {
    const { openings, open } = this.#parts;
    if (!openBrowser) return false;
    if (!force && (joined || !(await openings.due()))) return false;
    // Recorded first: a browser that cannot be opened must not be tried in a loop either.
    await openings.record();
    return open(url);
  }
}
