import type { Settings } from '../../config/settings.js';
import type { CredentialKind } from '../../config/credential-settings.js';

export type IdpTokenType = 'access-token' | 'id-token';

/** A token of the company's IdP that speaks for a person. `expiresAt`: epoch milliseconds. */
export interface IdpToken {
  readonly value: string;
  readonly expiresAt: number;
}

/** What the IdP gave beside its refresh token when it last answered about a person. */
export interface IdpTokens {
  /** Epoch milliseconds. */
  readonly givenAt: number;
  readonly accessToken: IdpToken;
  /** Null where the IdP gave none; some give one at the sign-in only. */
  readonly idToken: IdpToken | null;
}

/** What of a token endpoint's answer is read here (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3). */
interface Answer {
  readonly access_token: string;
  readonly id_token?: string | undefined;
  readonly expires_in?: number | undefined;
  claims(): { readonly exp: number } | undefined;
}

/** Where the IdP does not say how long its access token lives. */
const ASSUMED_MS = 300_000;
/** So long a token must still live to be sent anywhere, unless it is so new that there is no better one. */
const LEFT_MS = 30_000;
const MADE_FROM_THEM: ReadonlySet<CredentialKind> = new Set(['token-exchange', 'on-behalf-of', 'cross-app-access']);

export function idpTokensOf(answer: Answer, givenAt: number): IdpTokens {
  const lifetime = answer.expires_in === undefined ? ASSUMED_MS : answer.expires_in * 1000;
  const expires = answer.claims()?.exp;
  return {
    givenAt,
    accessToken: { value: answer.access_token, expiresAt: givenAt + lifetime },
    idToken:
      answer.id_token === undefined || expires === undefined
        ? null
        : { value: answer.id_token, expiresAt: expires * 1000 },
  };
}

/** The later answer; an IdP that sends no ID token at a refresh has not taken back the one before. */
export function laterTokens(before: IdpTokens | undefined, later: IdpTokens): IdpTokens {
  return { ...later, idToken: later.idToken ?? before?.idToken ?? null };
}

/** Whether the IdP has answered so lately that it would not say anything better. */
export function isNew(tokens: IdpTokens | undefined, now: number): boolean {
  return tokens !== undefined && now - tokens.givenAt < LEFT_MS;
}

/** The token of this type, where it can be sent at `now`. */
export function livingToken(tokens: IdpTokens | undefined, type: IdpTokenType, now: number): IdpToken | undefined {
  const token = type === 'access-token' ? tokens?.accessToken : tokens?.idToken;
  const left = isNew(tokens, now) ? 0 : LEFT_MS;
  return token && token.expiresAt - left > now ? token : undefined;
}

/** Whether some server has tokens made from the IdP's; while none has, they are not kept (decision 037). */
export function areNeeded(servers: Settings['servers']): boolean {
  return Object.values(servers).some(({ credential, credentialFor }) =>
    [credential, ...credentialFor.map((entry) => entry.credential)].some(
      (one) => one !== undefined && MADE_FROM_THEM.has(one.kind),
    ),
  );
}
