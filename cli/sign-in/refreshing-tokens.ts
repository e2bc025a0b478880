import { CodedError, errorText } from '#shared/errors.js';
import type { AgentChain } from '#shared/mcp/agent-chain.js';
import type { CredentialStore } from '../credential-store/credential-store.js';
import type { SavedSignIn } from '../credential-store/saved-sign-in.js';
import { ProofMaker } from './dpop.js';
import { refresh, SignInOver, type TokenEndpoint } from './token-endpoint.js';
import type { RequestAuthorization, TokenSource } from './token-source.js';

const REFRESH_AT = 0.8;
/** A token that ends within this time would end on its way. */
const LAST_USE = 5_000;
const SCHEME = 'DPoP ';
const PAUSE_MIN = 1_000;
const PAUSE_MAX = 30_000;

/** Tokens of one slot, refreshed when due, by whichever process comes first. */
export class RefreshingTokens implements TokenSource {
  readonly #store: () => Promise<CredentialStore>;
  readonly #endpoint: TokenEndpoint;
  #known: { signIn: SavedSignIn; proofs: ProofMaker } | undefined;
  /** Access token that the server answered with 401. */
  #refused: string | undefined;
  #refreshing: Promise<SavedSignIn> | undefined;
  #failures = 0;
  #pause: { until: number; error: unknown } | undefined;

  constructor(store: () => Promise<CredentialStore>, endpoint: TokenEndpoint) {
    this.#store = store;
    this.#endpoint = endpoint;
  }

  async authorize(method: string, url: string, chain?: AgentChain): Promise<RequestAuthorization> {
    const signIn = await this.#current();
    const { accessToken } = signIn;
    const proofs = this.#adopt(signIn);
    const issuedAt = this.#endpoint.clock.seconds();
    const dpop = proofs.proof({ method, url, issuedAt, accessToken, ...(chain ? { chain } : {}) });
    return { authorization: `${SCHEME}${accessToken}`, dpop };
  }

  refused({ authorization }: RequestAuthorization, serverDate: string | undefined): void {
    this.#endpoint.clock.learn(serverDate);
    this.#refused = authorization.slice(SCHEME.length);
  }

  async #current(): Promise<SavedSignIn> {
    if (this.#known && this.#fresh(this.#known.signIn)) return this.#known.signIn;
    const saved = await (await this.#store()).read(this.#endpoint.slot);
    if (!saved) {
      this.#known = undefined;
      throw new CodedError('sign_in_needed');
    }
    if (this.#fresh(saved)) return saved;
    try {
      return await this.#refreshOnce();
    } catch (error) {
      // A failed refresh is no reason to stop using what is still good.
      if (isPassing(error) && this.#usable(saved)) return saved;
      throw error;
    }
  }

  #refreshOnce(): Promise<SavedSignIn> {
    if (this.#pause && this.#now() < this.#pause.until) return Promise.reject(this.#pause.error);
    this.#refreshing ??= this.#refreshAlone().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refreshAlone(): Promise<SavedSignIn> {
    const store = await this.#store();
    try {
      const refreshed = await store.whileRefreshing(this.#endpoint.slot, () => this.#refreshLatest(store));
      this.#failures = 0;
      this.#pause = undefined;
      return refreshed;
    } catch (error) {
      if (isPassing(error)) this.#backOff(error);
      throw error;
    }
  }

  async #refreshLatest(store: CredentialStore): Promise<SavedSignIn> {
    const { slot } = this.#endpoint;
    const latest = await store.read(slot);
    if (!latest) throw new CodedError('sign_in_needed');
    if (this.#fresh(latest)) return latest;
    if (latest.refreshToken === '') {
      await store.remove(slot, latest.refreshToken);
      throw sessionEnded();
    }
    try {
      const next = await refresh(this.#endpoint, latest);
      if (await store.replace(slot, next, latest.refreshToken)) return next;
    } catch (error) {
      if (!(error instanceof SignInOver)) throw error;
      // Only the sign-in that was refused goes; a new one that came meanwhile stays.
      if (await store.remove(slot, latest.refreshToken)) throw sessionEnded(error);
    }
    const replacement = await store.read(slot);
    if (!replacement) throw new CodedError('sign_in_needed');
    return replacement;
  }

  #backOff(error: unknown): void {
    const pause = Math.min(PAUSE_MIN * 2 ** this.#failures, PAUSE_MAX);
    this.#failures += 1;
    this.#pause = { until: this.#now() + pause * (0.5 + Math.random() / 2), error };
  }

  #adopt(signIn: SavedSignIn): ProofMaker {
    if (this.#known?.signIn.dpopKey.d !== signIn.dpopKey.d) {
      this.#known = { signIn, proofs: new ProofMaker(signIn.dpopKey) };
    } else if (this.#known.signIn !== signIn) {
      this.#known = { ...this.#known, signIn };
    }
    return this.#known.proofs;
  }

  #fresh(signIn: SavedSignIn): boolean {
    const { accessToken, refreshToken, issuedAt, expiresAt } = signIn;
    if (refreshToken === '') return this.#usable(signIn);
    return accessToken !== this.#refused && this.#now() < issuedAt + (expiresAt - issuedAt) * REFRESH_AT;
  }

  #usable({ accessToken, expiresAt }: SavedSignIn): boolean {
    return accessToken !== this.#refused && this.#now() < expiresAt - LAST_USE;
  }

  #now(): number {
    return this.#endpoint.now().getTime();
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof CodedError && (error.code === 'network' || error.code === 'idp_unreachable');
}

function sessionEnded(cause?: SignInOver): CodedError {
  return new CodedError('sign_in_needed', {
    message: cause?.why ?? 'Your session has ended. Sign in again: run `mcp-sso login`.',
    ...(cause ? { detail: errorText(cause) } : {}),
  });
}
