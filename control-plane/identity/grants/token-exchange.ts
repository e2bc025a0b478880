import { Inject, Injectable } from '@nestjs/common';
import { decodeJwt } from 'jose';
import { CodedError } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import type { Session } from '../caller.js';
import { IdentityService } from '../identity.service.js';
import { accountOf } from '../machines/service-accounts.js';
import { issuerOf } from '../resources.js';
import { LIFETIMES } from '../token-lifetimes.js';
import type { AccessTokenClaims } from '../tokens/access-token.js';
import { ACCESS_TOKEN_TYPE } from './grant-types.js';
import type { Granted, GrantRequest } from './granted.js';
import { accessWithin, isMcp } from './requested-access.js';
import { refusedGrant, refusedRequest } from './token-error.js';

/** Agents that may stand between a person and a call. */
const MOST_ACTORS = 3;

interface ShownToken {
  readonly session: Session;
  readonly claims: AccessTokenClaims;
}

/**
 * RFC 8693: a service account acts for a person whose token it holds. The result says both (`sub`, `act`), opens no more
 * than the person's token and ends with it.
 */
@Injectable()
export class TokenExchangeGrant {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(IdentityService) private readonly identity: IdentityService,
  ) {}

  async grant(request: GrantRequest): Promise<Granted> {
    const { params, clientId, now } = request;
    requireTypes(params);
    const account = accountOf(clientId, this.config.settings.identity);
    if (!account?.settings.actsForPeople) throw refusedGrant('This client may not act for people.');
    const actor = await this.#shown(params['actor_token'], 'actor_token', request.key);
    if (actor.session.kind !== 'service' || actor.session.clientId !== clientId) {
      throw refusedGrant('actor_token must be a token of the service account that asks.');
    }
    const subject = await this.#shown(params['subject_token'], 'subject_token', request.key);
    const { session, claims } = subject;
    if (session.kind !== 'person') throw refusedGrant('subject_token must be a token of a person.');
    const actors = [clientId, ...session.actors];
    if (actors.length > MOST_ACTORS) throw refusedGrant(`At most ${MOST_ACTORS} agents may act for one another.`);
    const given = { resource: claims.aud, scopes: claims.scope.split(' ') };
    const access = accessWithin(issuerOf(this.config.settings.publicUrl), given, params);
    const ends = [claims.exp * 1000, actor.claims.exp * 1000, session.expiresAt, now + LIFETIMES.accessToken * 1000];
    return {
      ...session,
      ...access,
      kind: 'person',
      actors,
      // What a person proved was not proved for the agent: a call that demands a step-up is theirs to make.
      authTime: 0,
      acr: null,
      amr: [],
      checkedAt: session.idpCheckedAt,
      until: Math.min(...ends),
      parent: session.id,
      detail: `acting for the person of session ${session.id}`,
      issuedTokenType: ACCESS_TOKEN_TYPE,
    };
  }

  /** One of our own tokens for MCP; a bound one only from whoever holds its key, or binding would stop no thief. */
  async #shown(token: unknown, parameter: string, key: string | undefined): Promise<ShownToken> {
    if (typeof token !== 'string') throw refusedRequest('invalid_request', `${parameter} is missing.`);
    const shown = await this.#live(token, parameter);
    const bound = shown.claims.cnf?.jkt;
    if (bound !== undefined && bound !== key) {
      throw refusedGrant(`${parameter} is bound to a key: send a DPoP proof of that key with this request.`);
    }
    return shown;
  }

  async #live(token: string, parameter: string): Promise<ShownToken> {
    try {
      return await this.identity.sessionOf(token, [this.#audienceOf(token)]);
    } catch (error) {
      const isRefusal = error instanceof CodedError && ['token_invalid', 'session_ended'].includes(error.code);
      throw isRefusal ? refusedGrant(`${parameter} is no live access token for MCP of this server.`) : error;
    }
  }

  /** Unproved: whether it is the token's own is checked with its signature. */
  #audienceOf(token: string): string {
    try {
      const { aud } = decodeJwt(token);
      if (typeof aud === 'string' && isMcp(issuerOf(this.config.settings.publicUrl), aud)) return aud;
    } catch (cause) {
      throw new CodedError('token_invalid', { cause });
    }
    throw new CodedError('token_invalid', { detail: 'audience' });
  }
}

function requireTypes(params: GrantRequest['params']): void {
  for (const name of ['subject_token_type', 'actor_token_type', 'requested_token_type']) {
    const value = params[name] ?? (name === 'requested_token_type' ? ACCESS_TOKEN_TYPE : undefined);
    if (value !== ACCESS_TOKEN_TYPE) throw refusedRequest('invalid_request', `${name} must be ${ACCESS_TOKEN_TYPE}.`);
  }
  if (params['audience'] !== undefined) throw refusedRequest('invalid_target', 'Name a resource, not an audience.');
}
