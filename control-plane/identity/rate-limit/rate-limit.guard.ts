import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '#shared/errors.js';
import { RateLimit } from './rate-limit.js';

/** Refuses an address that sends too much, before anything is looked up. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(@Inject(RateLimit) private readonly limit: RateLimit) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    if (this.limit.admits(http.getRequest<FastifyRequest>().ip)) return true;
    void http.getResponse<FastifyReply>().header('retry-after', '5');
    throw new CodedError('rate_limited');
  }
}
