import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Logger, shown } from '../../observability/logger.js';
import { RateLimit } from '../rate-limit/rate-limit.js';
import { ScimError } from './protocol/scim-error.js';
import { rememberScimClient } from './scim-client.js';
import { ScimProviders } from './scim-providers.js';

/** Twice the pace at which Entra ID sends. */
const PER_PROVIDER = { burst: 500, perSecond: 50, addresses: 100 };
/** Wrong tokens of one address: ten, then one every ten seconds. A right token is never held up by them. */
const GUESSES = { burst: 10, perSecond: 0.1, addresses: 20_000 };
const BEARER = /^bearer ([\x21-\x7e]{1,4096})$/i;

/** Admits the SCIM client of a provider by its bearer token (RFC 7644 §2). */
@Injectable()
export class ScimClientGuard implements CanActivate {
  readonly #perProvider = new RateLimit(PER_PROVIDER);
  readonly #guesses = new RateLimit(GUESSES);

  constructor(
    @Inject(ScimProviders) private readonly providers: ScimProviders,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const heardAt = Date.now();
    if (!this.providers.any) throw new ScimError(404, 'No identity provider has SCIM configured here.');
    const provider = await this.#providerOf(request);
    if (provider === undefined) throw this.#refused(request, reply);
    if (!this.#perProvider.admits(provider)) throw tooMany(reply);
    rememberScimClient(request, { provider, address: request.ip, heardAt });
    return true;
  }

  async #providerOf(request: FastifyRequest): Promise<string | undefined> {
    const [header = '', ...others] = request.raw.headersDistinct['authorization'] ?? [];
    const [, token] = BEARER.exec(header) ?? [];
    return token === undefined || others.length > 0 ? undefined : this.providers.ofToken(token);
  }

  #refused(request: FastifyRequest, reply: FastifyReply): ScimError {
    if (!this.#guesses.admits(request.ip)) return tooMany(reply);
    this.logger.warn('scim token refused', { address: shown(request.ip) });
    void reply.header('www-authenticate', 'Bearer realm="scim"');
    return new ScimError(401, 'The bearer token is missing or not that of a SCIM client.');
  }
}

function tooMany(reply: FastifyReply): ScimError {
  void reply.header('retry-after', '10');
  return new ScimError(429, 'Too many requests. Try again in a moment.');
}
