import * as oidc from 'openid-client';
import { SecretUnreadable } from '../../config/secret-reference.js';
import { keyProof, secretProof } from './client-proof.js';
import type { Send } from './authorization-server-fetch.js';

const TIMEOUT_SECONDS = 10;
const METADATA_MS = 600_000;
const MAX_ISSUERS = 1_000;

/** Ourselves as a client of an authorization server, as every kind of credential that asks one has it. */
export interface TokenClientSettings {
  readonly issuer?: string | undefined;
  readonly tokenEndpoint?: string | undefined;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly privateKey?: string | undefined;
}

/** Reads what a reference (`env:`, `file:`, `secret:`) leads to: a value on one line, or a whole file. */
export interface ReferenceReaders {
  value(reference: string): Promise<string>;
  content(reference: string): Promise<string>;
}

/** Our clients at the authorization servers of upstreams. The only place that tells openid-client how requests leave. */
export class TokenClients {
  readonly #metadata = new Map<string, { readonly read: Promise<oidc.ServerMetadata>; readonly until: number }>();

  constructor(
    private readonly read: ReferenceReaders,
    private readonly send: Send,
  ) {}

  /**
   * The client of a credential, ready for a grant. Secret and key are read anew, so that a rotated one is taken up.
   * A `tokenEndpoint` is asked as it is, and what the issuer publishes does not matter then.
   * @throws SecretUnreadable where secret or key can't be read, or the server takes none of it.
   */
  async client(settings: TokenClientSettings): Promise<oidc.Configuration> {
    const server = await this.#server(settings);
    const configuration = new oidc.Configuration(
      server,
      settings.clientId,
      undefined,
      await this.#proof(settings, server),
    );
    configuration.timeout = TIMEOUT_SECONDS;
    configuration[oidc.customFetch] = this.send as oidc.CustomFetch;
    // Not over plain http for all that: `send` holds that to this machine.
    oidc.allowInsecureRequests(configuration);
    return configuration;
  }

  /** What an issuer publishes (RFC 8414 §3, else OpenID Connect Discovery §4), at most 10 minutes old. */
  async metadata(issuer: string): Promise<oidc.ServerMetadata> {
    const known = this.#metadata.get(issuer);
    if (known !== undefined && Date.now() < known.until) return await known.read;
    const entry = { read: discover(issuer, this.send), until: Date.now() + METADATA_MS };
    this.#metadata.delete(issuer);
    this.#metadata.set(issuer, entry);
    const [oldest] = this.#metadata.keys();
    if (this.#metadata.size > MAX_ISSUERS && oldest !== undefined) this.#metadata.delete(oldest);
    entry.read.catch(() => {
      if (this.#metadata.get(issuer) === entry) this.#metadata.delete(issuer);
    });
    return await entry.read;
  }

  async #server({ issuer, tokenEndpoint }: TokenClientSettings): Promise<oidc.ServerMetadata> {
    if (tokenEndpoint !== undefined) return { issuer: issuer ?? tokenEndpoint, token_endpoint: tokenEndpoint };
    if (issuer !== undefined) return await this.metadata(issuer);
    throw new SecretUnreadable('it does not say who gives the token', 'add issuer, or tokenEndpoint');
  }

  async #proof(settings: TokenClientSettings, server: oidc.ServerMetadata): Promise<oidc.ClientAuth> {
    const { clientSecret, privateKey } = settings;
    if (clientSecret !== undefined) return secretProof(await this.read.value(clientSecret), server);
    if (privateKey !== undefined) return await keyProof(await this.read.content(privateKey), server);
    throw new SecretUnreadable('nothing proves the client', 'add clientSecret, or privateKey');
  }
}

async function discover(issuer: string, send: Send): Promise<oidc.ServerMetadata> {
  const from = async (algorithm: 'oauth2' | 'oidc'): Promise<oidc.ServerMetadata> => {
    const found = await oidc.discovery(new URL(issuer), 'none', undefined, oidc.None(), {
      algorithm,
      timeout: TIMEOUT_SECONDS,
      [oidc.customFetch]: send as oidc.CustomFetch,
      execute: [oidc.allowInsecureRequests],
    });
    return found.serverMetadata();
  };
  try {
    return await from('oauth2');
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return await from('oidc');
  }
}

/** Nothing lies there; an issuer that names itself otherwise is no reason to look elsewhere. */
function isAbsent(error: unknown): boolean {
  return (
    error instanceof oidc.ClientError &&
    (error.code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' || error.code === 'OAUTH_RESPONSE_IS_NOT_JSON')
  );
}
