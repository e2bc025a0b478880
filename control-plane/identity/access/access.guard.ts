import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { asCoded, CodedError } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import type { Caller } from '../caller.js';
import { challenge } from '../challenge.js';
import { IdentityService } from '../identity.service.js';
import { credentialsOf } from '../request-credentials.js';
import { resourceMetadataUrl, resourcesOf } from '../resources.js';
import { rolesOf } from '../roles.js';
import { rememberCaller } from './current-caller.decorator.js';
import { ACCESS, type AccessRule } from './requires.decorator.js';

/** Denies by default: a handler says `@Public()`, or `@Requires()` and gets a caller with a token for the API. */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #resource: string;
  readonly #metadataUrl: string;

  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(IdentityService) private readonly identity: IdentityService,
    @Inject(CONFIG) private readonly config: LoadedConfig,
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
      rememberCaller(request, await this.#admit(request, rule));
      return true;
    } catch (thrown) {
      const error = asCoded(thrown);
      void http.getResponse<FastifyReply>().header('www-authenticate', challenge(error, this.#metadataUrl, rule.scope));
      throw error;
    }
  }

  async #admit(request: FastifyRequest, { scope, roles }: AccessRule): Promise<Caller> {
    const { publicUrl, roles: groupsOfRoles } = this.config.settings;
    const caller = await this.identity.identify(credentialsOf(request.raw, publicUrl, [this.#resource]));
    if (!caller.scopes.includes(scope)) throw new CodedError('scope_insufficient');
    if (roles === undefined) return caller;
    const held = rolesOf(caller.session.groups, groupsOfRoles);
    if (!roles.some((role) => held.includes(role))) throw new CodedError('role_missing');
    return caller;
  }
}
