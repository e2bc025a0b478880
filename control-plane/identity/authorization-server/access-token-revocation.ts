import { decodeJwt } from 'jose';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { CodedError } from '#shared/errors.js';
import type { IdentityService } from '../identity.service.js';
import type { SessionsService } from '../sessions/sessions.service.js';

type OidcContext = KoaContextWithOIDC['oidc'];

interface Parts {
  readonly identity: Pick<IdentityService, 'sessionOf'>;
  readonly sessions: Pick<SessionsService, 'end'>;
}

/**
 * An access token that its client revokes ends its session (RFC 7009 §2.1): sign-ins without a refresh token have no
 * other way to. oidc-provider keeps no JWT, so it has only authenticated the client when it says that it can't.
 */
export function revokeAccessTokens(provider: Provider, parts: Parts): void {
  provider.use(async (context, next) => {
    await next();
    const oidc = context['oidc'] as OidcContext | undefined;
    if (oidc?.route !== 'revocation' || !isUnsupported(context.body)) return;
    try {
      await endSessionOf(oidc, parts);
      context.status = 200;
      context.body = '';
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      context.status = 503;
      context.body = { error: 'temporarily_unavailable', error_description: error.message };
    }
  });
}

/** A token that is not good, or another client's, is none to end (RFC 7009 §2.2). Throws `session_unconfirmed`. */
async function endSessionOf({ params, client }: OidcContext, { identity, sessions }: Parts): Promise<void> {
  const token = String(params?.['token']);
  try {
    const { session } = await identity.sessionOf(token, audiencesIn(token));
    if (session.clientId === client?.clientId) await sessions.end(session.id, 'signed-out');
  } catch (error) {
    if (error instanceof CodedError && (error.code === 'token_invalid' || error.code === 'session_ended')) return;
    throw error;
  }
}

/** Its own word, as it may be revoked whatever it opens; `sessionOf` says whether the token is ours. */
function audiencesIn(token: string): string[] {
  try {
    return [decodeJwt(token).aud ?? []].flat();
  } catch {
    return [];
  }
}

function isUnsupported(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'error' in body && body.error === 'unsupported_token_type';
}
