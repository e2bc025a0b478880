import { CodedError } from '#shared/errors.js';
import { slotHash, type CredentialStore } from '../credential-store/credential-store.js';
import type { Lock } from '../credential-store/lock.js';
import type { SavedSignIn, Slot } from '../credential-store/saved-sign-in.js';
import { SharedSignIn, type Shown } from './shared-sign-in.js';
import type { StepUpRequest } from './step-up-request.js';
import type { Account } from './token-source.js';

/** The process that runs the sign-in may first have to reach the control plane. */
const ADDRESS_TIMEOUT = 35_000;

export interface SingleSignInParts {
  readonly slot: Slot;
  readonly store: () => Promise<CredentialStore>;
  readonly stateFolder: string;
  /** Whether managed settings or the person named this control plane. */
  readonly trusted: boolean;
  /** A step-up is another than a sign-in: they do not join each other. */
  readonly stepUp?: StepUpRequest;
}

/** Starts a sign-in without waiting for the person, and announces it before anyone can complete it. */
export type Start = (store: CredentialStore, announce: (shown: Shown) => Promise<void>) => Promise<Run>;

/** A sign-in under way. */
export interface Run {
  readonly shown: Shown;
  readonly completed: Promise<Account>;
}

export interface Started extends Run {
  /** Another process runs it. */
  readonly joined: boolean;
}

/** One way to sign in, run once per person and slot, whatever the number of processes and of those who ask. */
export class SingleSignIn {
  readonly #parts: SingleSignInParts;
  readonly #shared: SharedSignIn;
  readonly #run: Start;
  readonly #timeout: number;
  #running: Promise<Started> | undefined;

  /** The person has `timeout` ms. Ways do not join each other. */
  constructor(parts: SingleSignInParts, way: 'browser' | 'device', timeout: number, run: Start) {
    this.#parts = parts;
    this.#run = run;
    this.#timeout = timeout;
    const name = [slotHash(parts.slot), parts.stepUp && 'step-up', way === 'browser' ? undefined : way];
    this.#shared = new SharedSignIn(parts.stateFolder, name.filter((part) => part !== undefined).join('-'));
  }

  /** Whether one is under way in this process. */
  get running(): boolean {
    return this.#running !== undefined;
  }

  /** Starts it or joins it. Throws CodedError sign_in_needed | network | credential_store, and what `run` throws. */
  async begin(): Promise<Started> {
    if (!this.#parts.trusted) throw untrusted(this.#parts.slot.origin);
    this.#running ??= this.#start().catch((error: unknown) => {
      this.#running = undefined;
      throw error;
    });
    return this.#running;
  }

  async #start(): Promise<Started> {
    const store = await this.#parts.store();
    await store.prepare();
    // What memory keeps cannot reach another process, so there each runs its own.
    const claim = store.shared ? await this.#shared.claim(ADDRESS_TIMEOUT) : { release: () => undefined };
    if (!claim) throw new CodedError('network', { message: 'Another program is signing in. Try again in a moment.' });
    const started = 'url' in claim ? await this.#join(claim) : await this.#lead(store, claim);
    const forget = (): void => {
      this.#running = undefined;
    };
    // Whoever asked may not be listening; a sign-in that fails is no reason to end the process.
    started.completed.then(forget, forget);
    return started;
  }

  async #lead(store: CredentialStore, lock: Lock): Promise<Started> {
    try {
      const { shown, completed } = await this.#run(store, async (about) => {
        if (store.shared) await this.#shared.announce(about);
      });
      return { shown, completed: completed.finally(() => lock.release()), joined: false };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async #join(shown: Shown): Promise<Started> {
    const before = await this.#saved();
    return { shown, completed: this.#follow(before?.refreshToken), joined: true };
  }

  async #follow(before: string | undefined): Promise<Account> {
    await this.#shared.over(this.#timeout);
    const saved = await this.#saved();
    if (saved && saved.refreshToken !== before) return saved.account;
    throw new CodedError('sign_in_failed', {
      message: 'The sign-in that was under way did not complete. Start again.',
    });
  }

  async #saved(): Promise<SavedSignIn | undefined> {
    return (await this.#parts.store()).read(this.#parts.slot);
  }
}

function untrusted(origin: string): CodedError {
  return new CodedError('sign_in_needed', {
    message: `You never signed in at ${origin}. If this is your company’s control plane, run: mcp-sso login --url ${origin}`,
  });
}
