import { CodedError } from '#shared/errors.js';
import { slotHash, type CredentialStore } from '../credential-store/credential-store.js';
import type { Lock } from '../credential-store/lock.js';
import type { SavedSignIn } from '../credential-store/saved-sign-in.js';
import { startAuthorization, type Authorization, type AuthorizationParts } from './authorization-code.js';
import type { BrowserOpenings } from './browser-openings.js';
import { CallbackServer } from './callback-server.js';
import { SharedSignIn } from './shared-sign-in.js';
import { watchStore } from './store-watch.js';
import type { Account, SignIn, SignInStart } from './token-source.js';

const PERSON_TIMEOUT = 5 * 60 * 1000;
/** The process that runs the sign-in may first have to reach the control plane. */
const ADDRESS_TIMEOUT = 35_000;

export interface SignInParts extends AuthorizationParts {
  readonly store: () => Promise<CredentialStore>;
  readonly stateFolder: string;
  /** Whether managed settings or the person named this control plane. */
  readonly trusted: boolean;
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
  readonly #parts: SignInParts;
  readonly #shared: SharedSignIn;
  #running: Promise<Started> | undefined;

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.#shared = new SharedSignIn(parts.stateFolder, slotHash(parts.slot));
  }

  async begin(options: Opening): Promise<SignInStart> {
    if (!this.#parts.trusted) throw untrusted(this.#parts.slot.origin);
    const first = this.#running === undefined;
    this.#running ??= this.#start().catch((error: unknown) => {
      this.#running = undefined;
      throw error;
    });
    const { url, completed, joined } = await this.#running;
    const opened = first || options.force ? await this.#open(url, options, joined) : false;
    return { url, opened, completed };
  }

  async signedIn(): Promise<Account | undefined> {
    return (await this.#saved())?.account;
  }

  onSignedIn(listener: () => void): () => void {
    return watchStore(this.#parts.store, this.#parts.slot, listener);
  }

  async #saved(): Promise<SavedSignIn | undefined> {
    return (await this.#parts.store()).read(this.#parts.slot);
  }

  async #start(): Promise<Started> {
    const store = await this.#parts.store();
    await store.prepare();
    // What memory keeps cannot reach another process, so there each runs its own.
    const claim = store.shared ? await this.#shared.claim(ADDRESS_TIMEOUT) : { release: () => undefined };
    if (!claim) throw new CodedError('network', { message: 'Another program is signing in. Try again in a moment.' });
    const started = 'url' in claim ? await this.#join(claim.url) : await this.#run(store, claim);
    const forget = (): void => {
      this.#running = undefined;
    };
    // Whoever asked may not be listening; a sign-in that fails is no reason to end the process.
    started.completed.then(forget, forget);
    return started;
  }

  async #run(store: CredentialStore, lock: Lock): Promise<Started> {
    const server = new CallbackServer();
    try {
      await server.listen();
      const authorization = await startAuthorization(this.#parts, server.redirectUri);
      if (store.shared) await this.#shared.announce(authorization.url);
      const completed = this.#complete(store, server, authorization).finally(() => lock.release());
      return { url: authorization.url, completed, joined: false };
    } catch (error) {
      lock.release();
      await server.finish({ fault: 'The sign-in could not be started.' });
      throw error;
    }
  }

  async #complete(store: CredentialStore, server: CallbackServer, authorization: Authorization): Promise<Account> {
    const { slot, timeout = PERSON_TIMEOUT } = this.#parts;
    try {
      const callback = await server.receive({ state: authorization.state, issuer: slot.origin, timeout });
      const signIn = await authorization.redeem(callback);
      await store.put(slot, signIn);
      await server.finish({ account: signIn.account, origin: slot.origin });
      return signIn.account;
    } catch (error) {
      await server.finish({ fault: error instanceof CodedError ? error.message : 'The sign-in did not succeed.' });
      throw error;
    }
  }

  async #join(url: string): Promise<Started> {
    const before = await this.#saved();
    return { url, completed: this.#follow(before?.refreshToken), joined: true };
  }

  async #follow(before: string | undefined): Promise<Account> {
    await this.#shared.over(this.#parts.timeout ?? PERSON_TIMEOUT);
    const saved = await this.#saved();
    if (saved && saved.refreshToken !== before) return saved.account;
    throw new CodedError('sign_in_failed', {
      message: 'The sign-in that was under way did not complete. Start again.',
    });
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

interface Started extends Omit<SignInStart, 'opened'> {
  /** Another process runs it. */
  readonly joined: boolean;
}

function untrusted(origin: string): CodedError {
  return new CodedError('sign_in_needed', {
    message: `You never signed in at ${origin}. If this is your company’s control plane, run: mcp-sso login --url ${origin}`,
  });
}
