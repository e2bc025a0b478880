import { errors, type Account, type FindAccount, type KoaContextWithOIDC } from 'oidc-provider';
import { CodedError, type ErrorCode } from '#shared/errors.js';
import type { Session } from '../caller.js';
import { requireBoundKey } from '../device-login/bound-key.js';
import type { IdpRecheck } from '../sessions/idp-recheck.service.js';
import type { SessionsService } from '../sessions/sessions.service.js';
import { actClaim } from '../tokens/act-claim.js';

const TRY_LATER: ReadonlySet<ErrorCode> = new Set(['idp_unreachable', 'session_unconfirmed']);
const RETRY_AFTER_SECONDS = '5';

/**
 * Finds the person behind a code or a refresh token, through the live session of its grant. Whatever gives tokens asks
 * the IdP first where its answer is old (a page may have waited for its click for ten minutes): a person that it no
 * longer knows gets `invalid_grant`; when it cannot be asked, nobody gets in, and after the grace nobody a token (503).
 */
export function accountFinder(sessions: SessionsService, recheck: IdpRecheck): FindAccount {
  return async (context, personId, token) => {
    const grantId = token === undefined ? context.oidc.result?.consent?.grantId : token.grantId;
    if (grantId === undefined) return undefined;
    if (token?.kind === 'DeviceCode') await requireBoundKey(context, token.params);
    const session = await answered(context, sessionOf(grantId, token?.kind, sessions, recheck));
    return session?.person.id === personId ? accountOf(session) : undefined;
  };
}

/** Nobody gets in while the IdP is away; who is in already goes on for a while. */
function sessionOf(
  grantId: string,
  kind: string | undefined,
  sessions: SessionsService,
  recheck: IdpRecheck,
): Promise<Session | undefined> {
  if (kind === undefined) return sessions.find(grantId);
  return kind === 'RefreshToken' ? recheck.goingOn(grantId) : recheck.freshSession(grantId);
}

async function answered<T>(context: KoaContextWithOIDC, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof CodedError && TRY_LATER.has(error.code))) throw error;
    context.set('retry-after', RETRY_AFTER_SECONDS);
    throw Object.assign(new errors.TemporarilyUnavailable(error.message), { status: 503, statusCode: 503 });
  }
}

/** A person behind a live session, and when that ends at the latest (epoch milliseconds). */
interface SessionAccount extends Account {
  readonly sessionEndsAt: number;
}

function accountOf({ person, expiresAt }: Session): SessionAccount {
  const claims = {
    sub: person.id,
    ...(person.email === null ? {} : { email: person.email }),
    ...(person.name === null ? {} : { name: person.name }),
  };
  return { accountId: person.id, claims: () => claims, sessionEndsAt: expiresAt };
}

/** Seconds until the session of an account ends: the life of a refresh token, whenever it is made. */
export function secondsLeft(account: Account | undefined, longest: number): number {
  const endsAt = account?.['sessionEndsAt'];
  return typeof endsAt === 'number' ? Math.max(1, Math.ceil((endsAt - Date.now()) / 1000)) : longest;
}

/** No groups: they live in the session, so that a change acts at once. */
export function signInClaims(sessions: SessionsService): (grantId: string) => Promise<Record<string, unknown>> {
  return async (grantId) => {
    const session = await sessions.find(grantId);
    if (!session) throw new errors.InvalidGrant('session has ended');
    return {
      sid: session.id,
      idp: session.person.provider,
      ...(session.actors.length === 0 ? {} : { act: actClaim(session.actors) }),
      ...(session.authTime === 0 ? {} : { auth_time: Math.floor(session.authTime / 1000) }),
      ...(session.acr === null ? {} : { acr: session.acr }),
      ...(session.amr.length === 0 ? {} : { amr: session.amr }),
    };
  };
}
