import * as oidc from 'openid-client';
import { DeliveryFailure } from '../../delivery/delivery-failure.js';

const TIMEOUT_SECONDS = 10;
/** Before it runs out, a token is no longer used. */
const SPARE_MS = 300_000;
/** What the same credentials will not change. */
const SLOWLY_MS = 60_000;
const CODE = /^[a-z_]{1,64}$/;

interface EntraOptions {
  /** `https://login.microsoftonline.com`, or that of another cloud. */
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scope: string;
  /** Read at each request, so that a new one needs no restart. */
  readonly clientSecret: () => Promise<string>;
}

/** An app registration's own token (learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow), kept while it is good. */
export class EntraToken {
  #kept: { readonly token: string; readonly until: number } | undefined;

  constructor(private readonly options: EntraOptions) {}

  /** @throws DeliveryFailure */
  async read(): Promise<string> {
    if (this.#kept && Date.now() < this.#kept.until) return this.#kept.token;
    const secret = await this.options.clientSecret();
    const { access_token: token, expires_in: seconds = 0 } = await this.#ask(secret).catch(refused);
    this.#kept = { token, until: Date.now() + seconds * 1000 - SPARE_MS };
    return token;
  }

  forget(): void {
    this.#kept = undefined;
  }

  async #ask(secret: string): Promise<oidc.TokenEndpointResponse> {
    const { authority, tenantId, clientId, scope } = this.options;
    const tenant = `${authority.replace(/\/$/, '')}/${tenantId}`;
    const server = { issuer: `${tenant}/v2.0`, token_endpoint: `${tenant}/oauth2/v2.0/token` };
    const client = new oidc.Configuration(server, clientId, undefined, oidc.ClientSecretPost(secret));
    client.timeout = TIMEOUT_SECONDS;
    // The settings allow plain http on this machine only.
    oidc.allowInsecureRequests(client);
    return oidc.clientCredentialsGrant(client, { scope });
  }
}

/** By its code alone: descriptions name tenants and apps. */
function refused(error: unknown): never {
  const code = error instanceof oidc.ResponseBodyError && CODE.test(error.error) ? error.error : undefined;
  const message = code === undefined ? 'Entra gave no token' : `Entra refused a token (${code})`;
  throw new DeliveryFailure(message, { cause: error, retryAfterMs: code === undefined ? undefined : SLOWLY_MS });
}
