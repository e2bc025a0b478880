import { decodeJwt } from 'jose';
import { Inject, Injectable } from '@nestjs/common';
import { CodedError, errorText } from '#shared/errors.js';
import type { Session } from './caller.js';
import type { AssertionAim } from './idp/assertion-request.js';
import { isOutage } from './idp/failure.js';
import { isNew, livingToken, type IdpToken, type IdpTokenType } from './idp/idp-tokens.js';
import { IdentityProviders } from './idp/identity-providers.js';
import { parentOf } from './sessions/delegation.js';
import { IdpRecheck } from './sessions/idp-recheck.service.js';
import { SessionsService } from './sessions/sessions.service.js';

/** What the company's IdP says of a person toward others: for credentials that are made from it (decision 037). */
@Injectable()
export class SubjectTokens {
  constructor(
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(IdpRecheck) private readonly recheck: IdpRecheck,
    @Inject(IdentityProviders) private readonly providers: IdentityProviders,
  ) {}

  /**
   * The IdP's token for the person of a live sign-in: the last one it gave, or else, by a refresh as at a re-check, a new one.
   * Throws `credential_unavailable` where there is none, `session_ended`, `session_unconfirmed` or `idp_unreachable`.
   */
  async subjectToken(id: string, type: IdpTokenType): Promise<IdpToken> {
    const { id: origin, person } = await this.#signIn(id);
    const kept = await this.#living(origin, type);
    if (kept) return kept;
    await this.recheck.askForTokens(origin, type, () => this.#isWanting(origin, type));
    const fresh = await this.#living(origin, type);
    // The IdP may have said that the person is gone.
    await this.requireLive(id);
    if (fresh) return fresh;
    throw without(`the identity provider ${person.provider} gives no ${type} that lives long enough at a refresh`);
  }

  /**
   * What the IdP vouches for toward the authorization server of a server (ID-JAG,
   * draft-ietf-oauth-identity-assertion-authz-grant). Throws as `subjectToken` does.
   */
  async identityAssertion(id: string, aim: AssertionAim): Promise<IdpToken> {
    const idToken = await this.subjectToken(id, 'id-token');
    const { person } = await this.#signIn(id);
    const provider = this.providers.find(person.provider);
    if (provider?.issuer !== person.issuer) throw without(`${person.provider} is not configured any more`);
    try {
      return await provider.assertion(idToken.value, decodeJwt(idToken.value).sub ?? '', aim);
    } catch (error) {
      const code = isOutage(error) ? 'idp_unreachable' : 'credential_unavailable';
      const detail = `${person.provider} made no identity assertion for ${aim.audience}: ${errorText(error)}`;
      throw new CodedError(code, { detail, cause: error });
    }
  }

  /** Throws `session_ended` or `session_unconfirmed`. */
  async requireLive(id: string): Promise<void> {
    if (!(await this.sessions.find(id))) throw await this.sessions.endedError(id);
  }

  /** The listener is called at once, before the end is even stored. */
  onEnded(listener: (session: string) => void): void {
    this.sessions.onEnded(listener);
  }

  /** The sign-in of the person at the IdP that a session is, or was derived from. */
  async #signIn(id: string): Promise<Session> {
    const session = await this.sessions.find(id);
    if (!session) throw await this.sessions.endedError(id);
    if (session.kind !== 'person') throw without(`a ${session.kind} session has no account at the identity provider`);
    const parent = parentOf(id);
    if (parent !== undefined) return this.#signIn(parent);
    if ((await this.sessions.idpRefreshToken(id)) !== '') return session;
    throw without('this sign-in came by an identity assertion, which leaves no token of the identity provider');
  }

  async #living(id: string, type: IdpTokenType): Promise<IdpToken | undefined> {
    return livingToken(await this.sessions.idpTokens(id), type, Date.now());
  }

  /** One that sends no such token is not asked again at once. */
  async #isWanting(id: string, type: IdpTokenType): Promise<boolean> {
    const tokens = await this.sessions.idpTokens(id);
    const now = Date.now();
    return livingToken(tokens, type, now) === undefined && !isNew(tokens, now);
  }
}

function without(detail: string): CodedError {
  return new CodedError('credential_unavailable', {
    message:
      'This server is opened by a token of your own sign-in at the company’s identity provider, and there is none here. Tell your administrator.',
    detail,
  });
}
