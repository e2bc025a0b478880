import type { CredentialOf } from '../../config/credential-settings.js';
import { referenceOf, type Asked, type KindOfCredential } from '../credential-kind.js';
import { NO_INJECTION, type Injection } from '../injection.js';
import type { IssuedToken } from '../issued-token.js';
import { bearer } from '../kinds/bearer.js';
import { TokenRefused } from './token-refused.js';
import type { TokenCache, TokenKey } from './token-cache.js';

/** A credential that gets a token from elsewhere. */
export type TokenCredential = CredentialOf<
  'client-credentials' | 'github-app' | 'oauth' | 'token-exchange' | 'on-behalf-of' | 'cross-app-access'
>;

/** How a kind gets a token. */
export interface Grant<C> {
  /** Whose token it is: of a sign-in or person; empty for the company's. */
  subject(asked: Asked<C>): string;
  /** @param scopes all that the token may do; empty where nobody said. */
  ask(asked: Asked<C>, scopes: readonly string[]): Promise<IssuedToken>;
}

/** The company's own token: the same for everyone. */
export const OF_THE_COMPANY = { subject: (): string => '' };

/** A kind whose tokens are kept in memory until shortly before they expire. */
export function keptTokens<C extends TokenCredential>(
  cache: Pick<TokenCache, 'token' | 'forget'>,
  grant: Grant<C>,
): KindOfCredential<C> {
  const keyOf = (asked: Asked<C>): TokenKey => {
    return { credential: asked.credential, subject: grant.subject(asked), scopes: scopesOf(asked) };
  };
  return {
    open: async (asked) => {
      const key = keyOf(asked);
      const token = await cache.token(key, () => grant.ask(asked, key.scopes));
      return carried(asked, notWider(asked, token));
    },
    forget: (asked, { secrets }) => cache.forget(keyOf(asked), secrets),
  };
}

/** The scopes of a call's token: those of the tool where the settings name them, else the credential's. */
function scopesOf({ settings, credential, tool }: Asked<TokenCredential>): readonly string[] {
  return narrowedScopes({ settings, tool }) ?? credential.scopes ?? [];
}

/** Those that `tools.<name>.scopes` allows a call, and no others. */
export function narrowedScopes({
  settings,
  tool,
}: Pick<Asked<unknown>, 'settings' | 'tool'>): readonly string[] | undefined {
  return tool !== undefined && Object.hasOwn(settings.tools, tool) ? settings.tools[tool]?.scopes : undefined;
}

/** A server may give more than was asked for, and says so (RFC 6749 §3.3): not for a tool that may have less. */
function notWider(asked: Asked<TokenCredential>, token: IssuedToken): IssuedToken {
  const narrowed = narrowedScopes(asked);
  const wider = narrowed === undefined ? undefined : token.scopes?.find((scope) => !narrowed.includes(scope));
  if (wider === undefined) return token;
  throw new TokenRefused(`the token may do more than tools.${asked.tool}.scopes allows`);
}

/** A token on its way: in the environment of a hosted server, else as `Authorization: Bearer` (RFC 6750 §2.1). */
export function carried(asked: Asked<TokenCredential>, { value, secrets }: IssuedToken): Injection {
  const { variable } = asked.credential;
  const reference = referenceOf(asked);
  const own = bearer(reference, value);
  const all = [...new Set([...own.secrets, ...secrets])];
  if (variable === undefined) return { ...own, secrets: all };
  return { ...NO_INJECTION, reference, environment: { [variable]: value }, secrets: all };
}

/** The token that an injection of `carried` brought to the server: `secrets` may hold earlier ones beside it. */
export function carriedToken(
  { credential: { variable } }: Asked<TokenCredential>,
  { environment, headers }: Injection,
): string | undefined {
  return variable === undefined ? /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1] : environment[variable];
}
