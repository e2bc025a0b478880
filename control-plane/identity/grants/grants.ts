import { Inject, Injectable } from '@nestjs/common';
import type { Provider, TokenEndpointGrantContext } from 'oidc-provider';
import { newSessionId } from '../sessions/session-id.js';
import { PATHS } from '#shared/api/paths.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import type { Session } from '../caller.js';
import { issuerOf } from '../resources.js';
import { delegatedId } from '../sessions/delegation.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { SignInCutoffs } from '../sessions/sign-in-cutoffs.js';
import { SignInRecords } from '../sign-in/sign-in-records.js';
import { DpopVerifier } from '../tokens/dpop-proof.js';
import { UsedProofs } from '../tokens/used-proofs.js';
import { ClientCredentialsGrant } from './client-credentials.js';
import { GRANT_TYPES } from './grant-types.js';
import type { Granted, GrantRequest } from './granted.js';
import { issueToken } from './issue-token.js';
import { JwtBearerGrant } from './jwt-bearer.js';
import { asTokenError, refusedGrant } from './token-error.js';
import { TokenExchangeGrant } from './token-exchange.js';

type AddressOf = (context: TokenEndpointGrantContext) => string;

const ASKED = ['scope', 'resource'];
const EXCHANGED = ['subject_token', 'actor_token', 'subject_token_type', 'actor_token_type', 'requested_token_type'];

/** The grants of those who come without a browser. Each ends in a session that lives as long as its one access token. */
@Injectable()
export class Grants {
  readonly #proofs: DpopVerifier;
  readonly #publicUrl: string;

  constructor(
    @Inject(CONFIG) config: LoadedConfig,
    @Inject(ClientCredentialsGrant) private readonly clientCredentials: ClientCredentialsGrant,
    @Inject(JwtBearerGrant) private readonly jwtBearer: JwtBearerGrant,
    @Inject(TokenExchangeGrant) private readonly tokenExchange: TokenExchangeGrant,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(SignInCutoffs) private readonly cutoffs: SignInCutoffs,
    @Inject(SignInRecords) private readonly records: SignInRecords,
    @Inject(UsedProofs) usedProofs: UsedProofs,
  ) {
    this.#publicUrl = issuerOf(config.settings.publicUrl);
    this.#proofs = new DpopVerifier(usedProofs);
  }

  /** `grantTypes`: those that a client of the settings has. */
  register(provider: Provider, grantTypes: ReadonlySet<string>, addressOf: AddressOf): void {
    const add = (type: string, params: readonly string[], grant: (request: GrantRequest) => Promise<Granted>): void => {
      if (!grantTypes.has(type)) return;
      const answer = (context: TokenEndpointGrantContext) => this.#answer(provider, context, type, addressOf, grant);
      provider.registerGrantType(type, answer, [...params, ...ASKED]);
    };
    add(GRANT_TYPES.clientCredentials, [], (request) => this.clientCredentials.grant(request));
    add(GRANT_TYPES.jwtBearer, ['assertion'], (request) => this.jwtBearer.grant(request));
    add(GRANT_TYPES.tokenExchange, [...EXCHANGED, 'audience'], (request) => this.tokenExchange.grant(request));
  }

  async #answer(
    provider: Provider,
    context: TokenEndpointGrantContext,
    type: string,
    addressOf: AddressOf,
    grant: (request: GrantRequest) => Promise<Granted>,
  ): Promise<void> {
    const { client, params } = context.oidc;
    try {
      const key = await this.#provenKey(context);
      const request = { clientId: client.clientId, params: { ...params }, address: addressOf(context), key };
      const granted = await grant({ ...request, now: Date.now() });
      const session = await this.#begin(granted, request);
      context.body = await issueToken(provider, client, session, { ...granted, key, type });
    } catch (error) {
      throw asTokenError(error);
    }
  }

  async #provenKey({ req, method }: TokenEndpointGrantContext): Promise<string | undefined> {
    const shown = req.headersDistinct['dpop'];
    if (shown === undefined) return undefined;
    return this.#proofs.verifyUnbound(shown, { method, url: this.#publicUrl + PATHS.token });
  }

  /** Resolves only when the sign-in is on record; otherwise nothing of it stays. */
  async #begin(granted: Granted, { clientId, address }: Pick<GrantRequest, 'clientId' | 'address'>): Promise<Session> {
    const session = await this.sessions.create(sessionOf(granted, { clientId, address }, Date.now()), '');
    try {
      await this.#requireStanding(session, granted);
      await this.records.signedIn(session, granted.detail);
    } catch (error) {
      await this.sessions.end(session.id, 'sign-in-incomplete');
      throw error;
    }
    return session;
  }

  /** What was derived has the standing of its parent. */
  async #requireStanding(session: Session, { parent, checkedAt }: Granted): Promise<void> {
    if (parent !== null || !(await this.cutoffs.isCut({ ...session, begunAt: checkedAt }))) return;
    throw refusedGrant('The person’s sign-ins were ended after the assertion was issued.');
  }
}

/** Whole seconds, as the token counts them, so that the session is never the one that lives longer. */
function sessionOf(granted: Granted, by: Pick<Session, 'clientId' | 'address'>, now: number): Session {
  const { person, kind, groups, acr, amr, authTime, idpSession, actors, checkedAt, until, parent } = granted;
  const expiresAt = Math.floor(until / 1000) * 1000;
  if (expiresAt <= now) throw refusedGrant('What the token would rest on has expired.');
  const own = newSessionId();
  return {
    id: parent === null ? own : delegatedId(parent, own),
    person,
    ...by,
    deviceName: null,
    groups,
    acr,
    amr,
    authTime,
    idpCheckedAt: checkedAt,
    createdAt: now,
    lastUsedAt: now,
    expiresAt,
    kind,
    actors,
    idleSeconds: null,
    idpSession,
    managedDevice: false,
  };
}
