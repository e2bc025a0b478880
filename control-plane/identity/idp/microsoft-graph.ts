import * as oidc from 'openid-client';
import { isObject } from '#shared/mcp/json-rpc.js';

const TIMEOUT_MS = 10_000;
/** What Microsoft Graph answers at most; more is an error there. */
const MOST_GROUPS = 11_000;
/** A token is asked for again that long before it ends. */
const SPARE_MS = 60_000;

/** Groups of people in Entra ID that did not fit into their tokens, asked with the application's own credentials. */
export class MicrosoftGraph {
  #token: { readonly value: string; readonly until: number } | undefined;

  /** `address`: an origin, such as `https://graph.microsoft.com`. */
  constructor(private readonly address: string) {}

  /** Ids of all groups that the person is in, also by another group (`getMemberObjects`). Throws where it can't be asked. */
  async groupsOf(configuration: oidc.Configuration, person: string): Promise<string[]> {
    const url = new URL(`/v1.0/users/${encodeURIComponent(person)}/getMemberObjects`, this.address);
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await this.#authorize(configuration)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ securityEnabledOnly: true }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body: unknown = await response.json().catch(() => undefined);
    const groups = isObject(body) ? body['value'] : undefined;
    if (response.ok && Array.isArray(groups) && groups.length <= MOST_GROUPS) {
      return groups.filter((group): group is string => typeof group === 'string');
    }
    this.#token = undefined;
    throw new Error(`Microsoft Graph answered with ${response.status}`);
  }

  async #authorize(configuration: oidc.Configuration): Promise<string> {
    if (this.#token && Date.now() < this.#token.until) return this.#token.value;
    const scope = new URL('/.default', this.address).href;
    const tokens = await oidc.clientCredentialsGrant(configuration, { scope });
    const until = Date.now() + (tokens.expires_in ?? 0) * 1000 - SPARE_MS;
    this.#token = { value: tokens.access_token, until };
    return tokens.access_token;
  }
}
