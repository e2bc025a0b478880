import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import type { AgentChain } from '#shared/mcp/agent-chain.js';
import { DPOP_BOUND_CLIENTS } from './authorization-server/clients.js';
import { CONFIG } from '../config/config.module.js';
import type { LoadedConfig } from '../config/settings.js';
import type { Caller, Credentials, Session } from './caller.js';
import { issuerOf } from './resources.js';
import { LastUse } from './sessions/last-use.js';
import { IdpGrace } from './sessions/idp-grace.js';
import { IdpRecheck } from './sessions/idp-recheck.service.js';
import { SessionsUnderWay, type EndCall, type IsUse } from './sessions/sessions-under-way.js';
import { SessionsService } from './sessions/sessions.service.js';
import { StepUpHandles } from './step-up-handles.js';
import { SigningKeys } from './signing-keys/signing-keys.service.js';
import { AccessTokenVerifier, type AccessTokenClaims } from './tokens/access-token.js';
import { readAuthorization, type PresentedToken } from './tokens/authorization-header.js';
import { DpopVerifier } from './tokens/dpop-proof.js';
import { UsedProofs } from './tokens/used-proofs.js';

/** Who is calling, and whether they still may. */
@Injectable()
export class IdentityService {
  readonly #tokens: AccessTokenVerifier;
  readonly #proofs: DpopVerifier;

  constructor(
    @Inject(CONFIG) config: LoadedConfig,
    @Inject(SigningKeys) private readonly keys: SigningKeys,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(LastUse) private readonly lastUse: LastUse,
    @Inject(IdpRecheck) private readonly recheck: IdpRecheck,
    @Inject(IdpGrace) private readonly grace: IdpGrace,
    @Inject(SessionsUnderWay) private readonly underWay: SessionsUnderWay,
    @Inject(UsedProofs) usedProofs: UsedProofs,
    @Inject(StepUpHandles) private readonly stepUps: StepUpHandles,
  ) {
    this.#tokens = new AccessTokenVerifier(issuerOf(config.settings.publicUrl), () => keys.current.verification);
    this.#proofs = new DpopVerifier(usedProofs);
  }

  /** Throws `sign_in_needed`, `token_invalid`, `dpop_invalid`, `session_ended`, `session_unconfirmed`, `idp_unreachable` or `database_unavailable`. */
  async identify(credentials: Credentials): Promise<Caller> {
    const presented = readAuthorization(credentials.authorization);
    await this.keys.confirm();
    const claims = this.#tokens.verify(presented.token, credentials.audiences);
    const chain = await this.#checkBinding(presented, claims, credentials);
    const session = await this.sessions.find(claims.sid);
    if (!session) throw await this.sessions.endedError(claims.sid);
    checkOwner(session, claims);
    this.grace.requireWithin(session);
    this.lastUse.note(session.id, Date.now());
    return {
      session,
      scopes: claims.scope.split(' ').filter((scope) => scope !== ''),
      audience: claims.aud,
      tokenExpiresAt: claims.exp * 1000,
      ...(claims.cnf === undefined ? {} : { key: claims.cnf.jkt }),
      ...(chain === undefined ? {} : { chain }),
    };
  }

  /**
   * The session of a token that by itself is good at these resources, for before a body is read; only `identify` says
   * who sent it.
   * Throws `sign_in_needed` or `token_invalid`.
   */
  requireToken({ authorization, audiences }: Pick<Credentials, 'authorization' | 'audiences'>): string {
    return this.#tokens.verify(readAuthorization(authorization).token, audiences).sid;
  }

  /**
   * What stands behind a token of ours, for who shows it to have another made from it; possession of its key is for the
   * caller to check. Throws `token_invalid`, `session_ended` or `session_unconfirmed`.
   */
  async sessionOf(
    token: string,
    audiences: readonly string[],
  ): Promise<{ readonly session: Session; readonly claims: AccessTokenClaims }> {
    await this.keys.confirm();
    const claims = this.#tokens.verify(token, audiences);
    const session = await this.sessions.find(claims.sid);
    if (!session) throw await this.sessions.endedError(claims.sid);
    checkOwner(session, claims);
    // An app that has tokens exchanged for its person makes no calls of its own.
    this.lastUse.note(session.id, Date.now());
    return { session, claims };
  }

  /** For what outlives its token: as at a refresh, the IdP is asked again. Throws `session_ended`, `session_unconfirmed` or `idp_unreachable`. */
  async confirm(sessionId: string): Promise<void> {
    if (!(await this.recheck.goingOn(sessionId))) throw await this.sessions.endedError(sessionId);
  }

  /** As the database has it, whatever memory says; undefined where it has ended. Throws `session_unconfirmed`. */
  async readSession(sessionId: string): Promise<Session | undefined> {
    return this.sessions.read(sessionId);
  }

  /** By which the caller's client may have this very session renewed (parameter `step_up`); only for tokens that are bound to a key. */
  stepUpHandle({ session, key }: Caller): string | undefined {
    return key === undefined ? undefined : this.stepUps.issue({ session: session.id, person: session.person.id, key });
  }

  /**
   * A call of an identified session begins: `end` is called where it must not go on. Disposing says that it has ended.
   * `isUse`, asked now and then: whether the session has been used by it since.
   */
  watch(sessionId: string, end: EndCall, isUse?: IsUse): Disposable {
    return this.underWay.begin(sessionId, end, isUse);
  }

  /** The listener is called at once, before the end is even stored. */
  onSessionEnded(listener: (sessionId: string) => void): void {
    this.sessions.onEnded(listener);
  }

  /** Ends a session with everything issued under it; `reason` goes into the audit. */
  async endSession(id: string, reason: string): Promise<void> {
    await this.sessions.end(id, reason);
  }

  async #checkBinding(
    { scheme, token }: PresentedToken,
    claims: AccessTokenClaims,
    credentials: Credentials,
  ): Promise<AgentChain | undefined> {
    const thumbprint = claims.cnf?.jkt;
    if (thumbprint === undefined) {
      if (scheme === 'bearer' && !DPOP_BOUND_CLIENTS.has(claims.client_id)) return undefined;
      throw new CodedError('token_invalid', { detail: 'the token is not bound to a key' });
    }
    if (scheme === 'bearer') throw new CodedError('token_invalid', { message: 'This token needs the scheme DPoP.' });
    const { method, url, dpop } = credentials;
    return this.#proofs.verify(dpop, { method, url, accessToken: token, thumbprint });
  }
}

function checkOwner(session: Session, { sub, client_id }: AccessTokenClaims): void {
  if (session.person.id === sub && session.clientId === client_id) return;
  throw new CodedError('token_invalid', { detail: 'the token does not belong to its session' });
}
