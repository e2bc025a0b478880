import { Inject, Injectable } from '@nestjs/common';
import * as oidc from 'openid-client';
import { CodedError, errorText } from '#shared/errors.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { StorageService } from '../../storage/storage.service.js';
import type { PendingAuthorization } from '../authorization-server/pending-authorization.js';
import type { Person } from '../caller.js';
import type { IdentityProvider, LoginSecrets, SignedIn } from '../idp/identity-provider.js';
import { IdentityProviders } from '../idp/identity-providers.js';
import { isOutage } from '../idp/failure.js';
import { areNeeded } from '../idp/idp-tokens.js';
import { isDisabled, personById, savePerson } from '../sessions/persons.js';
import { ScimStanding } from '../scim/scim-standing.js';
import { LoginAttempts, type AtIdp, type Attempt, type SignedInAtIdp } from './login-attempts.js';
import { browserOf, newCookieValue } from './login-cookie.js';
import { OtherPerson, requireAsked } from './required-sign-in.js';
import { SignInRecords } from './sign-in-records.js';

export interface Begun {
  readonly location: URL;
  readonly cookie: string;
}

/** The IdP said no: the client is told, as RFC 6749 §4.1.2.1 has it. */
export class RefusedByIdp extends Error {
  constructor(readonly interaction: string) {
    super('the identity provider refused the sign-in');
    this.name = 'RefusedByIdp';
  }
}

/** One browser's way through the IdP: begin, come back, and stand before the confirm page. */
@Injectable()
export class SignInService {
  constructor(
    @Inject(LoginAttempts) private readonly attempts: LoginAttempts,
    @Inject(IdentityProviders) private readonly providers: IdentityProviders,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(SignInRecords) private readonly records: SignInRecords,
    @Inject(ScimStanding) private readonly scim: ScimStanding,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {}

  /** The one IdP that can sign in whom a client names. Throws `sign_in_failed`. */
  async providerOf(id: string): Promise<IdentityProvider> {
    const person = await personById(this.storage.db, id);
    const provider = person && this.providers.find(person.provider);
    if (provider) return provider;
    throw new CodedError('sign_in_failed', { message: 'This app asks for somebody who cannot sign in here.' });
  }

  /** Sends the browser to the IdP, which also hears the address that led there. Throws `idp_unreachable`. */
  async begin(
    interaction: string,
    provider: IdentityProvider,
    { freshness, person, loginHint }: Pick<PendingAuthorization, 'freshness' | 'person' | 'loginHint'>,
  ): Promise<Begun> {
    const secrets: LoginSecrets = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    };
    const location = await provider.authorizationUrl(secrets, freshness, loginHint);
    const cookie = newCookieValue();
    const { again: _again, ...demand } = freshness;
    const data: AtIdp = {
      provider: provider.id,
      secrets,
      begunAt: Date.now(),
      demand,
      ...(person === null ? {} : { person }),
      browser: browserOf(cookie),
    };
    await this.attempts.put('at-idp', secrets.state, { interaction, data });
    return { location, cookie };
  }

  /** The authorization that a returning `state` belongs to; nothing is used up. Throws `sign_in_expired`. */
  async interactionOf(state: string): Promise<string> {
    return known(await this.attempts.peek('at-idp', state)).interaction;
  }

  /**
   * Takes the browser back from the IdP: `query` is that of the callback, `cookie` its login cookie. Resolves with the
   * one-time key that continues it. Throws `sign_in_expired`, `sign_in_failed`, `idp_unreachable` or RefusedByIdp.
   */
  async comeBack(state: string, query: string, cookie: string | undefined): Promise<string> {
    const waiting = known(await this.attempts.peek('at-idp', state));
    requireBrowser(waiting.data.browser, cookie);
    const { interaction, data } = known(await this.attempts.take('at-idp', state));
    const provider = this.providers.find(data.provider);
    if (!provider) throw new CodedError('sign_in_expired');
    const checkedAt = Date.now();
    const signedIn = await redeem(provider, interaction, query, data.secrets);
    const since = provider.signedInSince(signedIn, data);
    const next = await this.#accept(interaction, signedIn, data, { checkedAt, since });
    const key = newCookieValue();
    await this.attempts.put('returned', key, { interaction, data: next });
    return key;
  }

  /** Swaps the one-time key for the browser's own cookie, so that a reload of the confirm page works. */
  async arrive(interaction: string, key: string, cookie: string | undefined): Promise<void> {
    const returned = known(await this.attempts.take('returned', key));
    if (returned.interaction !== interaction) throw new CodedError('sign_in_expired');
    const held = requireBrowser(returned.data.browser, cookie);
    await this.attempts.put('unconfirmed', held, returned);
  }

  /** Who stands before the confirm page in this browser. */
  async unconfirmed(interaction: string, cookie: string | undefined): Promise<SignedInAtIdp> {
    return ofInteraction(interaction, await this.attempts.peek('unconfirmed', cookie ?? ''));
  }

  /** The same, used up: the decision has been made. */
  async decide(interaction: string, cookie: string | undefined): Promise<SignedInAtIdp> {
    return ofInteraction(interaction, await this.attempts.take('unconfirmed', cookie ?? ''));
  }

  async #accept(
    interaction: string,
    { profile, refreshToken, tokens }: SignedIn,
    attempt: AtIdp,
    { checkedAt, since }: { readonly checkedAt: number; readonly since: number | null },
  ): Promise<SignedInAtIdp> {
    const { groups, acr, amr, authTime: _said, idpSession, managedDevice, userName, ...identity } = profile;
    const authTime = provenTime(since, checkedAt);
    requireAsked(attempt.provider, { authTime, acr }, attempt.demand, checkedAt);
    const person = await savePerson(this.storage.db, identity, checkedAt);
    if (!(await this.#mayEnter(person, userName))) throw await this.#disabled(person);
    if (attempt.person !== undefined && attempt.person !== person.id) {
      throw await this.#otherPerson(interaction, person, attempt.person);
    }
    if (refreshToken === null) throw await this.#withoutRefreshToken(person);
    const facts = { groups, acr, amr, authTime, idpSession, managedDevice };
    const { begunAt, browser } = attempt;
    const kept = areNeeded(this.catalog.latest.servers) ? { tokens } : {};
    return { person, ...facts, begunAt, checkedAt, refreshToken, ...kept, browser };
  }

  async #mayEnter(person: Person, userName: string | null): Promise<boolean> {
    return !(await isDisabled(this.storage.db, person.id)) && this.scim.admits(person, userName);
  }

  /** On record for the one who signed in; the session that it was meant for stays as it was. */
  async #otherPerson(interaction: string, person: Person, wanted: string): Promise<CodedError> {
    await this.records.refused(person, { reason: 'a sign-in of somebody else was to be confirmed' });
    return new OtherPerson(interaction, person, await personById(this.storage.db, wanted));
  }

  async #disabled(person: Person): Promise<CodedError> {
    await this.records.refused(person, { reason: 'the account is disabled' });
    return new CodedError('account_disabled');
  }

  /** Without one nobody would notice that the person has left. */
  async #withoutRefreshToken(person: Person): Promise<CodedError> {
    await this.records.refused(person, { reason: 'the identity provider gave no refresh token' });
    return new CodedError('sign_in_failed', {
      message:
        `The identity provider ${person.provider} gave no refresh token, so mcp-sso could not notice when somebody ` +
        'leaves. Ask your administrator to allow the grant type “refresh token” for mcp-sso there, and to keep ' +
        `offline_access among identity.providers.${person.provider}.scopes.`,
    });
  }
}

/** An IdP that does not say when proves nothing about it, and one whose clock is ahead cannot reach into the future. */
function provenTime(since: number | null, now: number): number {
  return Math.min(since ?? 0, now);
}

function known<T>(attempt: T | undefined): T {
  if (attempt === undefined) throw new CodedError('sign_in_expired');
  return attempt;
}

function ofInteraction(interaction: string, attempt: Attempt<'unconfirmed'> | undefined): SignedInAtIdp {
  const { data, interaction: owner } = known(attempt);
  if (owner !== interaction) throw new CodedError('sign_in_expired');
  return data;
}

/** Only the browser that began may go on: anything else is a login that somebody else prepared. */
function requireBrowser(browser: string, cookie: string | undefined): string {
  if (cookie !== undefined && browserOf(cookie) === browser) return cookie;
  throw new CodedError('sign_in_failed', {
    message: 'This sign-in was started in another browser. Start it again in this one.',
  });
}

async function redeem(
  provider: IdentityProvider,
  interaction: string,
  query: string,
  secrets: LoginSecrets,
): Promise<SignedIn> {
  try {
    return await provider.redeem(query, secrets);
  } catch (error) {
    if (error instanceof oidc.AuthorizationResponseError) throw new RefusedByIdp(interaction);
    if (error instanceof CodedError) throw error;
    const code = isOutage(error) ? 'idp_unreachable' : 'sign_in_failed';
    throw new CodedError(code, { detail: errorText(error), cause: error });
  }
}
