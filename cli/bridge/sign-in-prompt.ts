import { asCoded, type CodedError } from '#shared/errors.js';
import type { SignIn, SignInStart } from '../sign-in/token-source.js';
import type { BridgeLog } from './log.js';

/** A sign-in starts by itself at most this often; the tool `sign_in` may start one at any time. */
const AUTOMATIC_PAUSE = 10 * 60_000;
/** A start that takes longer is not waited for, because AI apps give up on a call soon after. */
const START_TIMEOUT = 20_000;

interface Parts {
  readonly signIn: SignIn;
  /** The person signed in or out since an app last asked: its lists are no longer true. */
  readonly listsChanged: () => void;
  readonly log: BridgeLog;
  readonly now: () => number;
}

/** Whether the person is signed in, as far as the last request showed, and the way back in. */
export class SignInPrompt {
  readonly #parts: Parts;
  #state: 'unknown' | 'in' | 'out' = 'unknown';
  #tokensRefused = false;
  #startedAt = -Infinity;
  #starting: Promise<SignInStart> | undefined;
  #started: SignInStart | undefined;
  #stopListening: (() => void) | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** There are tokens, but the control plane does not take them. */
  get tokensRefused(): boolean {
    return this.#tokensRefused;
  }

  /** A request was let in, or a sign-in completed. */
  accepted(): void {
    const before = this.#state;
    this.#state = 'in';
    this.#tokensRefused = false;
    if (before === 'out') this.#parts.listsChanged();
  }

  /**
   * A request was turned away. Starts a sign-in, unless that happened a moment ago. Where the tokens
   * themselves were refused, only a new sign-in helps.
   */
  turnedAway(tokensRefused: boolean): void {
    const before = this.#state;
    this.#state = 'out';
    this.#tokensRefused = tokensRefused;
    this.#stopListening ??= this.#parts.signIn.onSignedIn(() => this.accepted());
    if (before === 'in') this.#parts.listsChanged();
    this.#startAutomatically();
  }

  /**
   * What to tell the person, with the address. With `asked`, by the tool `sign_in`, the browser opens even where one
   * was opened a moment ago. Never throws, and never waits for the sign-in itself.
   */
  async text(asked: boolean): Promise<string> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(resolve, START_TIMEOUT, undefined);
    try {
      const start = await Promise.race([this.#begin({ openBrowser: asked, force: asked }), late]);
      return start === undefined ? 'The sign-in is still starting. Call the tool `sign_in` again.' : describe(start);
    } catch (error) {
      return asCoded(error).message;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#stopListening?.();
  }

  #startAutomatically(): void {
    if (!this.#parts.signIn.startsByItself) return;
    const now = this.#parts.now();
    if (now - this.#startedAt < AUTOMATIC_PAUSE) return;
    this.#startedAt = now;
    this.#begin({ openBrowser: true }).catch((error: unknown) => this.#failed(asCoded(error)));
  }

  /** Joins the sign-in that this process already runs, except to open the browser for one that has none. */
  async #begin(options: { openBrowser: boolean; force?: boolean }): Promise<SignInStart> {
    if (this.#starting !== undefined) return this.#starting;
    if (this.#started !== undefined && (this.#started.opened || !options.openBrowser)) return this.#started;
    this.#starting = this.#parts.signIn.begin(options);
    try {
      const start = await this.#starting;
      void this.#watch(start);
      return start;
    } finally {
      this.#starting = undefined;
    }
  }

  async #watch(start: SignInStart): Promise<void> {
    this.#started = start;
    try {
      await start.completed;
      this.accepted();
    } catch (error) {
      this.#failed(asCoded(error));
    } finally {
      if (this.#started === start) this.#started = undefined;
    }
  }

  #failed(error: CodedError): void {
    this.#parts.log.warn('the sign-in did not succeed', { code: error.code });
  }
}

function describe(start: SignInStart): string {
  if (start.code !== undefined) {
    return (
      `To sign in, open ${start.url} in a browser on any computer and type the code ${start.code}\n` +
      'The code is good for ten minutes. The tools appear when the sign-in is done.'
    );
  }
  const first = start.opened
    ? 'Sign in in the browser window that has opened. If there is none, open this address:'
    : 'To sign in, open this address in a browser on this computer:';
  return `${first} ${start.url}\nThe tools appear when the sign-in is done.`;
}
