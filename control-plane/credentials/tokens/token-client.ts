import type * as oidc from 'openid-client';
import { SecretUnreadable } from '../../config/secret-reference.js';
import type { GuardedFetch } from '../../egress/guarded-fetch.js';
import type { IssuedToken } from '../issued-token.js';
import type { SecretReaders } from '../secret-source.js';
import { clientAt, readServerMetadata, type Leaving } from './authorization-server-client.js';
import { isAboutProof, proofsOf, type ClientProof } from './client-proof.js';
import { issued } from './issued.js';
import { tokenRefused } from './token-refused.js';

const METADATA_MS = 600_000;
const MAX_ISSUERS = 1_000;

/** Ourselves as a client of an authorization server, as every kind of credential that asks one has it. */
export interface TokenClientSettings {
  readonly issuer?: string | undefined;
  /** Asked as it is: what the issuer publishes does not matter then. */
  readonly tokenEndpoint?: string | undefined;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly privateKey?: string | undefined;
}

/** Our clients at the authorization servers of upstreams. */
export class TokenClients {
  readonly #metadata = new Map<string, { readonly read: Promise<oidc.ServerMetadata>; readonly until: number }>();
  readonly #leaving: Leaving;

  constructor(
    private readonly read: SecretReaders,
    send: GuardedFetch,
    timeoutSeconds?: number,
  ) {
    this.#leaving = { send, ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) };
  }

  /**
   * A token by one grant. Secret and key are read anew, so that a rotated one is taken up.
   * @param grant one request of openid-client.
   * @param sent what else it sends that must never be seen, such as a subject token.
   * @throws SecretUnreadable, TokenRefused
   */
  async token(
    settings: TokenClientSettings,
    grant: (client: oidc.Configuration) => Promise<oidc.TokenEndpointResponse>,
    sent: readonly string[] = [],
  ): Promise<IssuedToken> {
    let asked = settings.tokenEndpoint ?? settings.issuer;
    let secrets = sent;
    try {
      const server = await this.#server(settings);
      asked = server.token_endpoint ?? asked;
      const proofs = await proofsOf(settings, server, this.read);
      secrets = [...sent, ...proofs.flatMap((proof) => proof.secrets)];
      return issued(
        await firstTaken(proofs, (proof) =>
          grant(clientAt(server, settings.clientId, proof.authentication, this.#leaving)),
        ),
      );
    } catch (error) {
      throw await tokenRefused(error, URL.parse(asked ?? '')?.host ?? 'nobody', secrets);
    }
  }

  /** What an issuer publishes (RFC 8414 §3, else OpenID Connect Discovery §4), at most 10 minutes old. */
  async metadata(issuer: string): Promise<oidc.ServerMetadata> {
    const known = this.#metadata.get(issuer);
    if (known !== undefined && Date.now() < known.until) return await known.read;
    const entry = { read: readServerMetadata(issuer, this.#leaving), until: Date.now() + METADATA_MS };
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
}

async function firstTaken<T>(
  [proof, ...others]: readonly ClientProof[],
  attempt: (proof: ClientProof) => Promise<T>,
): Promise<T> {
  if (proof === undefined) throw new SecretUnreadable('nothing proves the client', 'add clientSecret, or privateKey');
  try {
    return await attempt(proof);
  } catch (error) {
    if (others.length === 0 || !isAboutProof(error)) throw error;
    return await firstTaken(others, attempt);
  }
}
