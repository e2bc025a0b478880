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

type Announce = (shown: Shown) => Promise<void>;

/** One way to sign in. Neither waits for the person; both announce the sign-in before anyone can complete it. */
export interface Way {
  readonly name: 'browser' | 'device';
  start(store: CredentialStore, announce: Announce): Promise<Run>;
  /** Goes on with the sign-in of a process that was killed; undefined where nothing of it is left. */
  resume?(store: CredentialStore, announce: Announce): Promise<Run | undefined>;
  /** The one that was killed may not have come to showing it. */
  resumed?(shown: Shown): Promise<unknown>;
}

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
  readonly #way: Way;
  readonly #timeout: number;
  #running: Promise<Started> | undefined;

  /** The person has `timeout` ms. Ways do not join each other. */
  constructor(parts: SingleSignInParts, timeout: number, way: Way) {
    this.#parts = parts;
    this.#way = way;
    this.#timeout = timeout;
    this.#shared = new SharedSignIn(parts.stateFolder, signInName(parts, way.name));
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
    const started = 'url' in claim ? await this.#join(store, claim) : await this.#lead(store, claim);
    const forget = (): void => {
      this.#running = undefined;
    };
    // Whoever asked may not be listening; a sign-in that fails is no reason to end the process.
    started.completed.then(forget, forget);
    return started;
  }

  async #lead(store: CredentialStore, lock: Lock): Promise<Started> {
    try {
      const { shown, completed } = (await this.#resume(store)) ?? (await this.#way.start(store, this.#announce(store)));
      return { shown, completed: completed.finally(() => lock.release()), joined: false };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async #join(store: CredentialStore, shown: Shown): Promise<Started> {
    const before = await this.#saved();
    return { shown, completed: this.#follow(store, before?.refreshToken), joined: true };
  }

  /** Waits for the process that runs it, and takes its place where that is killed: the person's tab stays good. */
  async #follow(store: CredentialStore, before: string | undefined): Promise<Account> {
    const lock = await this.#shared.succeed(this.#timeout);
    try {
      const saved = await this.#saved();
      if (saved && saved.refreshToken !== before) return saved.account;
      const run = lock && (await this.#resume(store));
      if (!run) throw incomplete();
      await this.#way.resumed?.(run.shown);
      return await run.completed;
    } finally {
      lock?.release();
    }
  }

  async #resume(store: CredentialStore): Promise<Run | undefined> {
    return this.#way.resume?.(store, this.#announce(store));
  }

  #announce(store: CredentialStore): Announce {
    return async (shown) => {
      if (store.shared) await this.#shared.announce(shown);
    };
  }

  async #saved(): Promise<SavedSignIn | undefined> {
    return (await this.#parts.store()).read(this.#parts.slot);
  }
}

/** Part of the names of the files that the processes of one sign-in share. */
export function signInName({ slot, stepUp }: Pick<SingleSignInParts, 'slot' | 'stepUp'>, way: Way['name']): string {
  const parts = [slotHash(slot), stepUp && 'step-up', way === 'browser' ? undefined : way];
  return parts.filter((part) => part !== undefined).join('-');
}

function incomplete(): CodedError {
  return new CodedError('sign_in_failed', {
    message: 'The sign-in that was under way did not complete. Start again.',
  });
}

function untrusted(origin: string): CodedError {
  return new CodedError('sign_in_needed', {
    message: `You never signed in at ${origin}. If this is your company’s control plane, run: mcp-sso login --url ${origin}`,
  });
}
