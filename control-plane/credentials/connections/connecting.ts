import { randomBytes } from 'node:crypto';
import * as oidc from 'openid-client';
import { CodedError } from '#shared/errors.js';
import type { CredentialOf } from '../../config/credential-settings.js';
import type { ClientIdentity } from './client-identity.js';
import { hashOf, type ConnectionAttempt, type ConnectionAttempts } from './connection-attempts.js';
import type { Discovery, TokenSource } from './discovery/discovery.js';
import { answeredTokens, type AnsweredTokens } from './answered-tokens.js';
import { requestedScopes, type ScopeWishes } from './requested-scopes.js';
import { resourceParameter } from './resource-parameter.js';

/** A server that takes connections. */
export interface Connectable {
  readonly server: string;
  /** Of the server; undefined where we host it. */
  readonly url: string | undefined;
  readonly settings: CredentialOf<'oauth'>;
  /** As `namedScopes` has it. */
  readonly named: readonly string[] | undefined;
}

/** Whose way, for which request and in which browser. */
export interface Way {
  readonly person: string;
  readonly request: string | null;
  readonly browser: string;
}

/** What a person came back with. */
export interface Obtained {
  readonly attempt: ConnectionAttempt;
  readonly tokens: AnsweredTokens;
}

/** A person's way through an authorization server: OAuth 2.1 code flow with PKCE, `resource`, and `iss` checked. */
export class ConnectingFlow {
  constructor(
    private readonly discovery: Discovery,
    private readonly clients: ClientIdentity,
    private readonly attempts: ConnectionAttempts,
    private readonly redirectUri: string,
  ) {}

  /** Where the person would be sent, and what they would be asked for. Throws DiscoveryFault. */
  async plan(
    { url, settings, named }: Connectable,
    wishes: ScopeWishes,
  ): Promise<{ readonly source: TokenSource; readonly scopes: string[] }> {
    const source = await this.discovery.find(url, settings);
    return { source, scopes: requestedScopes(source, named, wishes) };
  }

  /** The address to send the browser to. Throws DiscoveryFault. */
  async begin(to: Connectable, { person, request, browser }: Way, wishes: ScopeWishes): Promise<string> {
    const { source, scopes } = await this.plan(to, wishes);
    const client = await this.clients.clientAt(source.server, to.settings);
    const configuration = await this.clients.configuration(source.server, client, to.settings);
    const state = randomBytes(32).toString('base64url');
    const verifier = oidc.randomPKCECodeVerifier();
    const resource = source.resource ?? null;
    const attempt: ConnectionAttempt = {
      person,
      server: to.server,
      request,
      verifier,
      issuer: source.server.issuer,
      reach: source.reach,
      client,
      url: to.url ?? null,
      resource,
      scopes,
      browser: hashOf(browser),
    };
    await this.attempts.put(state, attempt, Date.now());
    const location = oidc.buildAuthorizationUrl(configuration, {
      ...(scopes.includes('offline_access') ? { prompt: 'consent' } : {}),
      ...to.settings.parameters,
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      ...resourceParameter(resource),
      redirect_uri: this.redirectUri,
      state,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return location.href;
  }

  /** The attempt that a callback belongs to, if it is this person's in this browser. It is not used up by others. */
  async attemptOf(query: string, person: string, browser: string | undefined): Promise<ConnectionAttempt> {
    const attempt = await this.attempts.peek(stateIn(query), Date.now());
    if (attempt === undefined) throw new CodedError('sign_in_expired', { message: EXPIRED });
    if (browser === undefined || attempt.browser !== hashOf(browser)) {
      throw new CodedError('sign_in_failed', {
        message:
          'This browser did not begin to connect this account, so nothing was connected. Start again from the page.',
      });
    }
    if (attempt.person === person) return attempt;
    throw new CodedError('sign_in_failed', {
      message: 'Somebody else began to connect this account, so nothing was connected. Start again from the page.',
    });
  }

  /** Redeems the code. Throws what openid-client throws for an answer that is not the one asked for. */
  async redeem(query: string, to: Connectable): Promise<Obtained> {
    const state = stateIn(query);
    const attempt = await this.attempts.take(state, Date.now());
    if (attempt === undefined) throw new CodedError('sign_in_expired', { message: EXPIRED });
    requireSameServer(attempt, to);
    const server = await this.discovery.serverAt(attempt, to.settings);
    const configuration = await this.clients.configuration(server, attempt.client, to.settings);
    const answer = await oidc.authorizationCodeGrant(
      configuration,
      new URL(this.redirectUri + query),
      { expectedState: state, pkceCodeVerifier: attempt.verifier },
      resourceParameter(attempt.resource),
    );
    return { attempt, tokens: answeredTokens(answer, attempt.scopes, Date.now()) };
  }
}

/** Of two values nobody could say which is meant. */
function stateIn(query: string): string {
  const states = new URLSearchParams(query).getAll('state');
  const [state] = states;
  if (states.length === 1 && state !== undefined && state !== '') return state;
  throw new CodedError('sign_in_expired', { message: EXPIRED });
}

/** The settings were changed meanwhile: the code was made for another server. */
function requireSameServer({ server, url }: ConnectionAttempt, to: Connectable): void {
  if (server === to.server && url === (to.url ?? null)) return;
  throw new CodedError('sign_in_expired', { message: EXPIRED });
}

const EXPIRED =
  'Connecting this account took too long, was begun elsewhere, or is done already. Start again from the page.';
