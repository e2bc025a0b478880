import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CodedError } from '#shared/errors.js';
import type { Caller } from '../caller.js';
import type { Reach } from './requires.decorator.js';

interface Admission {
  readonly caller: Caller;
  readonly reach: Reach;
}

const admissions = new WeakMap<FastifyRequest, Admission>();

export function rememberCaller(request: FastifyRequest, caller: Caller, reach: Reach): void {
  admissions.set(request, { caller, reach });
}

function admissionOf(context: ExecutionContext): Admission {
  const admission = admissions.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!admission) throw new CodedError('internal', { detail: '@CurrentCaller on a handler without @Requires' });
  return admission;
}

/** Parameter of a handler with `@Requires`: whom the guard let in. */
export const CurrentCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Caller => admissionOf(context).caller,
);

/** Parameter of a handler with `@Requires`: whether the caller may see what is not their own. */
export const CurrentReach = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Reach => admissionOf(context).reach,
);
