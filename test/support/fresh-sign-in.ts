import * as oidc from 'openid-client';
import type { SignedIn } from './person.js';

/** A new token is asked for this long before the old one ends. */
const EARLY_SECONDS = 60;

/** A person's tokens that never run out while the sign-in holds. */
export class FreshSignIn {
  #current: SignedIn;
  #refreshing: Promise<SignedIn> | undefined;

  constructor(signedIn: SignedIn) {
    this.#current = signedIn;
  }

  async get(): Promise<SignedIn> {
    if (secondsLeft(this.#current.accessToken) > EARLY_SECONDS) return this.#current;
    this.#refreshing ??= refreshed(this.#current);
    try {
      this.#current = await this.#refreshing;
      return this.#current;
    } finally {
      this.#refreshing = undefined;
    }
  }

  /** Ends the sign-in, as `mcp-sso logout` does. */
  async end(): Promise<void> {
    const { configuration, refreshToken } = this.#current;
    await oidc.tokenRevocation(configuration, refreshToken, { token_type_hint: 'refresh_token' });
  }
}

async function refreshed(signedIn: SignedIn): Promise<SignedIn> {
  const { configuration, keys, refreshToken } = signedIn;
  const tokens = await oidc.refreshTokenGrant(configuration, refreshToken, undefined, {
    DPoP: oidc.getDPoPHandle(configuration, keys),
  });
  return { ...signedIn, accessToken: tokens.access_token, refreshToken: tokens.refresh_token ?? refreshToken };
}

function secondsLeft(accessToken: string): number {
  const [, payload = ''] = accessToken.split('.');
  const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number };
  return exp - Date.now() / 1000;
}
