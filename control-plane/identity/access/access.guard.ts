import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asCoded, CodedError } from '#shared/errors.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { challenge } from '../challenge.js';
import type { Caller } from '../caller.js';
import { IdentityService } from '../identity.service.js';
import { RefusalRecords } from '../refusals/refusal-records.js';
import { credentialsOf } from '../request-credentials.js';
import { resourceMetadataUrl, resourcesOf } from '../resources.js';
import { rolesOf } from '../roles.js';
import { reachOf, refuseForeignOrigin, requireFresh } from './admission.js';
import { rememberCaller } from './current-caller.decorator.js';
import { refusedRequest } from './refused-request.js';
import { ACCESS, needsFreshSignIn, type AccessRule, type Reach } from './requires.decorator.js';

/** Denies by default: a handler says `@Public()`, or `@Requires()` and gets a caller with a token for the API. */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #resource: string;
  readonly #metadataUrl: string;

  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(IdentityService) private readonly identity: IdentityService,
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(RefusalRecords) private readonly refusals: RefusalRecords,
  ) {
    const { publicUrl } = config.settings;
    this.#resource = resourcesOf(publicUrl).api;
    this.#metadataUrl = resourceMetadataUrl(publicUrl, this.#resource);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride<AccessRule | 'public' | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (rule === 'public') return true;
    if (rule === undefined) throw new CodedError('role_missing', { detail: 'the handler declares no access' });
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    try {
      await this.#admit(request, rule);
      return true;
    } catch (thrown) {
      const error = asCoded(thrown);
      void http.getResponse<FastifyReply>().header('www-authenticate', challenge(error, this.#metadataUrl, rule.scope));
      throw error;
    }
  }

  async #admit(request: FastifyRequest, rule: AccessRule): Promise<void> {
    const { publicUrl } = this.config.settings;
    refuseForeignOrigin(request.headers.origin, publicUrl);
    const caller = await this.identity.identify(credentialsOf(request.raw, publicUrl, [this.#resource]));
    await this.catalog.confirm();
    const reach = await this.#reachOf(rule, caller, request);
    if (needsFreshSignIn(rule, request.method)) requireFresh(caller.session, Date.now());
    rememberCaller(request, caller, reach);
  }

  async #reachOf(rule: AccessRule, caller: Caller, request: FastifyRequest): Promise<Reach> {
    try {
      return reachOf(rule, caller, rolesOf(caller.session, this.catalog.current().roles));
    } catch (thrown) {
      if (asCoded(thrown).code === 'role_missing') {
        const route = `${request.method} ${request.routeOptions.url ?? ''}`;
        await this.refusals.write(refusedRequest(caller, { address: request.ip, route }));
      }
      throw thrown;
    }
  }
}
