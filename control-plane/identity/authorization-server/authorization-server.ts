import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { errors, Provider, type InteractionResults, type KoaContextWithOIDC } from 'oidc-provider';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError, errorText } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { Logger, shown } from '../../observability/logger.js';
import { StorageService } from '../../storage/storage.service.js';
import { registerBreakGlass } from '../break-glass/break-glass-grant.js';
import { BreakGlass } from '../break-glass/break-glass.service.js';
import { describeClient, type ClientDescription } from '../clients/client-description.js';
import { ownClientName, type ClientName } from '../clients/client-name.js';
import { ThirdPartyClients } from '../clients/third-party-clients.js';
import { DeviceLogin } from '../device-login/device-login.js';
import { IdentityService } from '../identity.service.js';
import { IdentityAssertions } from '../assertions/identity-assertions.js';
import { Grants } from '../grants/grants.js';
import { MACHINE_CLIENTS, type MachineClients } from '../machines/machine-clients.js';
import { RateLimit } from '../rate-limit/rate-limit.js';
import { ClientAddress } from '../rate-limit/client-address.js';
import { issuerOf, scopesOf } from '../resources.js';
import { IdpRecheck } from '../sessions/idp-recheck.service.js';
import { SessionLifetimes } from '../sessions/session-lifetimes.js';
import { newSessionId } from '../sessions/session-id.js';
import { SessionsService, type EndReason } from '../sessions/sessions.service.js';
import { SigningKeys } from '../signing-keys/signing-keys.service.js';
import { DpopVerifier } from '../tokens/dpop-proof.js';
import { UsedProofs } from '../tokens/used-proofs.js';
import { StepUpHandles } from '../step-up-handles.js';
import { revokeAccessTokens } from './access-token-revocation.js';
import { accountFinder, signInClaims } from './accounts.js';
import { providerConfiguration } from './configuration.js';
import { sayWhyEnded } from './ended-refresh.js';
import { cookieNames, type CookieNames } from './cookie-names.js';
import { pendingAuthorization, type PendingAuthorization } from './pending-authorization.js';
import { UsedAtOnce } from './payload-adapter.js';
import { dropCookie, pathOf, pinOrigin } from './pinned-origin.js';

const ENDPOINTS: ReadonlySet<string> = new Set([
  PATHS.authorize,
  PATHS.token,
  PATHS.revoke,
  PATHS.jwks,
  PATHS.register,
  PATHS.deviceAuthorization,
  PATHS.device,
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
]);
/** Where a browser goes on after the confirm page. */
const RESUMED = new RegExp(`^(${PATHS.authorize}|${PATHS.device})/[\\w-]+$`);

interface AnsweredRequest {
  readonly body?: unknown;
  /** Absent where no route matched. */
  readonly oidc?: Pick<KoaContextWithOIDC['oidc'], 'route'>;
}

/** Our OAuth 2.1 authorization server. It answers its own paths on the raw request, beside Fastify. */
@Injectable()
export class AuthorizationServer {
  readonly cookies: CookieNames;
  #provider: Provider;
  readonly #publicUrl: URL;
  readonly #proofs: DpopVerifier;
  readonly #deviceLogin: DeviceLogin;
  readonly #thirdParties: ThirdPartyClients;
  #callback: (request: IncomingMessage, response: ServerResponse) => Promise<void>;

  constructor(
    @Inject(CONFIG) config: LoadedConfig,
    @Inject(SigningKeys) private readonly keys: SigningKeys,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(SessionLifetimes) private readonly lifetimes: SessionLifetimes,
    @Inject(IdpRecheck) private readonly recheck: IdpRecheck,
    @Inject(RateLimit) private readonly rateLimit: RateLimit,
    @Inject(ClientAddress) private readonly clientAddress: ClientAddress,
    @Inject(StepUpHandles) private readonly stepUps: StepUpHandles,
    @Inject(MACHINE_CLIENTS) private readonly machineClients: MachineClients,
    @Inject(IdentityAssertions) private readonly assertions: IdentityAssertions,
    @Inject(Grants) private readonly grants: Grants,
    @Inject(BreakGlass) private readonly breakGlass: BreakGlass,
    @Inject(IdentityService) private readonly identity: IdentityService,
    @Inject(UsedProofs) usedProofs: UsedProofs,
    @Inject(Logger) private readonly logger: Logger,
  ) {
    const publicUrl = issuerOf(config.settings.publicUrl);
    this.#publicUrl = new URL(publicUrl);
    this.cookies = cookieNames(publicUrl);
    this.#deviceLogin = new DeviceLogin(config.settings.identity.deviceLogin);
    this.#thirdParties = new ThirdPartyClients(config.settings.identity.clients, storage);
    this.#proofs = new DpopVerifier(usedProofs);
    this.#provider = this.#newProvider();
    this.#callback = this.#provider.callback();
    // oidc-provider takes its keys once; nothing of it outlives a request but what the database holds.
    keys.onChanged(() => {
      this.#provider = this.#newProvider();
      this.#callback = this.#provider.callback();
    });
  }

  /**
   * Whether a path (without query) is answered here: spelled as we spell it only. oidc-provider would also take
   * another case and a slash behind, which would be another path to every rule that is ours.
   */
  handles(path: string): boolean {
    return ENDPOINTS.has(path) || RESUMED.test(path);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const address = this.clientAddress.of(request);
    if (!this.rateLimit.admits(address)) return tooMany(response);
    const isRegistration = request.method === 'POST' && pathOf(request) === PATHS.register;
    if (isRegistration && !this.#thirdParties.admitsRegistration(address)) return tooMany(response);
    if (this.#deviceLogin.refuses(request, response, address)) return;
    pinOrigin(request.headers, this.#publicUrl);
    // Only the page for codes needs one, for its CSRF token; nobody is ever signed in by it.
    if (!this.#deviceLogin.hasPage(pathOf(request))) dropCookie(request.headers, this.cookies.session);
    response.setHeader('x-content-type-options', 'nosniff');
    this.#callback(request, response).catch((error: unknown) => {
      this.logger.error('authorization server failed', { error: shown(errorText(error)) });
      response.destroy();
    });
  }

  /** The authorization that this browser waits for; throws where it holds no cookie for it or it has expired. */
  async pending(request: IncomingMessage, response: ServerResponse): Promise<PendingAuthorization> {
    const interaction = await this.#provider.interactionDetails(request, response);
    const openHandle = (handle: string) => this.stepUps.open(handle);
    if (interaction.deviceCode === undefined) return pendingAuthorization(interaction, openHandle);
    const device = await this.#provider.DeviceCode.find(interaction.deviceCode);
    if (!device) throw new CodedError('sign_in_expired');
    return pendingAuthorization(interaction, openHandle, device);
  }

  /** Who it is that waits. Throws `sign_in_expired` where the client has gone meanwhile. */
  async describe(pending: PendingAuthorization): Promise<ClientDescription> {
    const client = await this.#provider.Client.find(pending.clientId);
    if (!client) throw new CodedError('sign_in_expired');
    return describeClient(client, pending);
  }

  /** How lists name these clients, by id. */
  async clientNames(ids: Iterable<string>): Promise<ReadonlyMap<string, ClientName>> {
    const names = [...new Set(ids)].map(async (id) => {
      const name = ownClientName(id, this.machineClients) ?? (await this.#thirdParties.nameOf(id));
      return [id, name] as const;
    });
    return new Map(await Promise.all(names));
  }

  /** Writes down what the person granted. The id is also that of the session, and revokes all that is issued. */
  async grant(personId: string, pending: PendingAuthorization): Promise<string> {
    const grant = new this.#provider.Grant({ accountId: personId, clientId: pending.clientId });
    grant.jti = newSessionId();
    if (pending.scopes.includes('openid')) grant.addOIDCScope('openid');
    for (const resource of pending.resources) {
      const known = scopesOf(this.#publicUrl.origin, resource) ?? [];
      grant.addResourceScope(resource, pending.scopes.filter((scope) => known.includes(scope)).join(' '));
    }
    await this.#thirdParties.registered.keep(pending.clientId);
    return grant.save();
  }

  /** Whether a grant already holds all that a client asks for. */
  async covers(grantId: string, { scopes, resources }: PendingAuthorization): Promise<boolean> {
    const grant = await this.#provider.Grant.find(grantId);
    if (scopes.includes('openid') && !grant?.getOIDCScope().split(' ').includes('openid')) return false;
    return resources.every((resource) => {
      const granted = grant?.getResourceScope(resource).split(' ') ?? [];
      const known = scopesOf(this.#publicUrl.origin, resource) ?? [];
      return scopes.filter((scope) => known.includes(scope)).every((scope) => granted.includes(scope));
    });
  }

  /** Where the browser goes with the result of its interaction. */
  async finish(request: IncomingMessage, response: ServerResponse, result: InteractionResults): Promise<string> {
    return this.#provider.interactionResult(request, response, result, { mergeWithLastSubmission: false });
  }

  #newProvider(): Provider {
    const publicUrl = this.#publicUrl.origin;
    const configuration = providerConfiguration({
      publicUrl,
      cookies: this.cookies,
      keys: this.keys.current.published,
      storage: this.storage,
      deviceLogin: this.#deviceLogin,
      stepUps: this.stepUps,
      machineClients: this.machineClients,
      identityAssertions: this.assertions.accepted,
      thirdParties: this.#thirdParties,
      findAccount: accountFinder(this.sessions, this.recheck),
      signInClaims: signInClaims(this.sessions),
      longestSession: this.lifetimes.longest,
    });
    const provider = new Provider(publicUrl, configuration);
    provider.proxy = true;
    const grantTypes = new Set(this.machineClients.flatMap(({ grant_types: types }) => types ?? []));
    const addressOf = (context: KoaContextWithOIDC) => this.#deviceLogin.addressOf(context);
    this.grants.register(provider, grantTypes, addressOf);
    registerBreakGlass(provider, { publicUrl, breakGlass: this.breakGlass, proofs: this.#proofs, addressOf });
    revokeAccessTokens(provider, { identity: this.identity, sessions: this.sessions });
    this.#listen(provider);
    return provider;
  }

  #listen(provider: Provider): void {
    this.#deviceLogin.listen(provider);
    const failed = (error: unknown) =>
      this.logger.error('authorization server failed', { error: shown(errorText(error)) });
    provider.on('server_error', (_context, error) => failed(error));
    provider.on('authorization.error', (_context, error) => {
      // Why a client is not known is told nobody else.
      const detail = error instanceof errors.InvalidClient ? (error.error_detail ?? '') : '';
      this.logger.info('authorization refused', { code: shown(error.message), detail: shown(detail) });
    });
    const emitter: EventEmitter = provider;
    emitter.on('error', failed);
    provider.on('authorization.success', forgetBrowser);
    provider.use(async (context, next) => {
      const ending: Promise<void>[] = [];
      context.state['ending'] = ending;
      try {
        await next();
        nameScopes(context);
      } finally {
        await Promise.all(ending);
      }
      await sayWhyEnded(context, this.storage.db, this.sessions);
    });
    const end = ({ state }: KoaContextWithOIDC, grantId: string, reason: EndReason): void => {
      (state['ending'] as Promise<void>[] | undefined)?.push(this.sessions.end(grantId, reason));
    };
    provider.on('grant.revoked', (context, grantId) => end(context, grantId, endReason(context)));
    provider.on('grant.error', (context, error) => {
      this.logger.info('token refused', { code: shown(error.message) });
      const grantId = context.oidc.entities.RefreshToken?.grantId;
      if (error instanceof UsedAtOnce && grantId !== undefined) end(context, grantId, endReason(context));
    });
  }
}

/** Whoever shows a code or a rotated refresh token again has it from somebody, or somebody has it from them. */
function endReason({ oidc }: KoaContextWithOIDC): EndReason {
  if (oidc.route === 'revocation') return 'signed-out';
  return oidc.params?.['grant_type'] === 'refresh_token' ? 'refresh-token-replayed' : 'code-replayed';
}

/** RFC 8414 §2: oidc-provider names the one of OpenID Connect, whatever its setting `discovery` says. */
function nameScopes({ oidc, body }: AnsweredRequest): void {
  if (oidc?.route === 'discovery')
    Object.assign(body ?? {}, { scopes_supported: ['openid', ...Object.values(SCOPES)] });
}

/** The server's own browser session is never kept: nothing may be granted without a new sign-in. */
function forgetBrowser(context: KoaContextWithOIDC): void {
  Object.assign(context.oidc.session ?? {}, { destroyed: true });
}

function tooMany(response: ServerResponse): void {
  const body = JSON.stringify({ error: 'temporarily_unavailable', error_description: 'Too many requests.' });
  response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '5', 'cache-control': 'no-store' });
  response.end(body);
}
