import { CodedError } from '#shared/errors.js';
import type { CredentialStore } from '../credential-store/credential-store.js';
import { startAuthorization, type Authorization } from './authorization-code.js';
import type { BrowserOpenings } from './browser-openings.js';
import { CallbackServer } from './callback-server.js';
import type { AuthorizationParts } from './oauth-client.js';
import { SingleSignIn, type Run, type SingleSignInParts, type Start } from './single-sign-in.js';
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

interface Opening {
  readonly openBrowser: boolean;
  readonly force?: boolean;
}

export class BrowserSignIn implements SignIn {
  readonly startsByItself = true;
  readonly #parts: SignInParts;
  readonly #timeout: number;
  readonly #single: SingleSignIn;

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.#timeout = parts.timeout ?? PERSON_TIMEOUT;
    this.#single = new SingleSignIn(parts, 'browser', this.#timeout, this.#run.bind(this));
  }

  async begin(options: Opening): Promise<SignInStart> {
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

  async #run(store: CredentialStore, announce: Parameters<Start>[1]): Promise<Run> {
    const server = new CallbackServer();
    try {
      await server.listen();
      const authorization = await startAuthorization(this.#parts, server.redirectUri);
      const shown = { url: authorization.url };
      await announce(shown);
      return { shown, completed: this.#complete(store, server, authorization) };
    } catch (error) {
      await server.finish({ fault: 'The sign-in could not be started.' });
      throw error;
    }
  }

  async #complete(store: CredentialStore, server: CallbackServer, authorization: Authorization): Promise<Account> {
    const { slot } = this.#parts;
    try {
      const callback = await server.receive({
        state: authorization.state,
        issuer: slot.origin,
        timeout: this.#timeout,
      });
      const signIn = await authorization.redeem(callback);
      await store.put(slot, signIn);
      await server.finish({ account: signIn.account, origin: slot.origin });
      return signIn.account;
    } catch (error) {
      await server.finish({ fault: error instanceof CodedError ? error.message : 'The sign-in did not succeed.' });
      throw error;
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
