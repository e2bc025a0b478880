import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CodedError } from '#shared/errors.js';

/** Whom a request comes from: the SCIM client of one provider, which reaches only what is that provider's. */
export interface ScimClient {
  readonly provider: string;
  readonly address: string;
  /** When the request reached us, epoch milliseconds. */
  readonly heardAt: number;
}

const clients = new WeakMap<FastifyRequest, ScimClient>();

export function rememberScimClient(request: FastifyRequest, client: ScimClient): void {
  clients.set(request, client);
}

/** The client that `ScimClientGuard` let in. */
export function scimClientOf(context: ExecutionContext): ScimClient {
  const client = clients.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!client) throw new CodedError('internal', { detail: 'a SCIM handler without ScimClientGuard' });
  return client;
}

/** Parameter of a handler behind `ScimClientGuard`. */
export const CurrentScimClient = createParamDecorator((_data: unknown, context: ExecutionContext): ScimClient =>
  scimClientOf(context),
);
