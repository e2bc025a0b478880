import { CodedError } from '#shared/errors.js';
import type { CredentialStore } from '../credential-store/credential-store.js';
import type { Slot } from '../credential-store/saved-sign-in.js';
import type { BrowserOpenings } from './browser-openings.js';
import type { StepUpChallenge, StepUpRequest } from './step-up-request.js';
import type { SignIn, SignInStart } from './token-source.js';

export interface StepUpParts {
  readonly slot: Slot;
  readonly store: () => Promise<CredentialStore>;
  /** Whether a browser may open by itself once more. */
  readonly openings: BrowserOpenings;
  readonly signIn: (request: StepUpRequest) => SignIn;
}

/**
 * A new sign-in behind the session that this computer has. One at a time, in all processes of this person: whoever comes
 * while one is under way joins it. One that came to nothing keeps the browser shut for ten minutes.
 */
export class StepUpSignIn {
  #running: Promise<SignInStart> | undefined;

  constructor(private readonly parts: StepUpParts) {}

  /** Throws CodedError sign_in_needed | network | credential_store | sign_in_failed | device_login_off. */
  async begin(challenge: StepUpChallenge): Promise<SignInStart> {
    this.#running ??= this.#start(challenge).catch((error: unknown) => {
      this.#running = undefined;
      throw error;
    });
    return this.#running;
  }

  async #start(challenge: StepUpChallenge): Promise<SignInStart> {
    const { slot, store, signIn, openings } = this.parts;
    const saved = await (await store()).read(slot);
    if (!saved) throw new CodedError('sign_in_needed');
    const start = await signIn({ ...challenge, dpopKey: saved.dpopKey }).begin({ openBrowser: true });
    const over = (): void => {
      this.#running = undefined;
    };
    // Whoever asked may not be listening; a sign-in that fails is no reason to end the process.
    start.completed.then(() => openings.forget()).then(over, over);
    return start;
  }
}
