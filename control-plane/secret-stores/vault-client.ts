import type { VaultSettings } from '../config/secret-store-settings.js';
import { VaultRefused, vaultHttp, type VaultCall, type VaultRequest } from './vault-http.js';
import { renewed, signIn, type VaultToken } from './vault-sign-in.js';

const TIMEOUT_MS = 4000;
/** From here of its life on a token is renewed. */
const RENEW_AT = 2 / 3;

interface VaultClientOptions {
  readonly settings: Pick<VaultSettings, 'address' | 'namespace' | 'auth'>;
  /** The value behind `env:` or `file:`, read anew. */
  readonly read: (reference: string) => Promise<string>;
  readonly now?: () => number;
}

/** A signed-in client of a Vault or OpenBao: signs in at its first call, renews in time, and signs in anew when refused. */
export class VaultClient {
  readonly #call: VaultCall;
  readonly #now: () => number;
  #token: VaultToken | undefined;
  /** One sign-in or renewal at a time, for all who wait. */
  #pending: Promise<VaultToken> | undefined;

  constructor(private readonly options: VaultClientOptions) {
    const { address, namespace } = options.settings;
    this.#call = vaultHttp({ address, namespace, timeout: TIMEOUT_MS });
    this.#now = options.now ?? Date.now;
  }

  /** For what may be asked twice. Rejects with VaultRefused or SecretUnreadable, whose texts name no value. */
  async ask(asked: VaultRequest): Promise<unknown> {
    const used = await this.#live();
    try {
      return await this.#call({ ...asked, token: used.value });
    } catch (error) {
      if (!(error instanceof VaultRefused) || error.status !== 403) throw error;
      // It may have been revoked before its end; another token tells.
      if (this.#token === used) this.#token = undefined;
      return await this.#call({ ...asked, token: (await this.#live()).value });
    }
  }

  async #live(): Promise<VaultToken> {
    const token = this.#token;
    if (token !== undefined && !isDue(token, this.#now())) return token;
    this.#pending ??= this.#next(token).finally(() => (this.#pending = undefined));
    return await this.#pending;
  }

  async #next(token: VaultToken | undefined): Promise<VaultToken> {
    const next = token?.renewable
      ? await renewed(token, this.#call, this.#now).catch(() => this.#signIn())
      : await this.#signIn();
    this.#token = next;
    return next;
  }

  #signIn(): Promise<VaultToken> {
    const { settings, read } = this.options;
    return signIn({ auth: settings.auth, call: this.#call, read, now: this.#now });
  }
}

function isDue({ takenAt, endsAt }: VaultToken, now: number): boolean {
  return endsAt !== null && now >= takenAt + (endsAt - takenAt) * RENEW_AT;
}
