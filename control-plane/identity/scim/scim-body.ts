import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { ScimError } from './protocol/scim-error.js';

export const SCIM_MEDIA_TYPE = 'application/scim+json';
/** A group of some ten thousand members. */
const MAX_BYTES = 1_048_576;
/** Operations, their values, the parts of these: six levels. */
const MAX_DEPTH = 12;

/** Lets bodies of `application/scim+json` (RFC 7644 §3.1) through as texts; `scimBody` reads them once the client is known. */
@Injectable()
export class ScimBodyParser implements OnModuleInit {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    const options = { parseAs: 'string', bodyLimit: MAX_BYTES } as const;
    fastify.addContentTypeParser(SCIM_MEDIA_TYPE, options, (_request, body, done) => done(null, body));
  }
}

/** The JSON of a body, whichever of the two media types it came as. Throws `invalidSyntax`. */
export function scimBody(body: unknown): unknown {
  const value = typeof body === 'string' ? parsed(body) : body;
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw new ScimError(400, 'The body is nested too deeply.', 'invalidSyntax');
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ScimError(400, 'The body is not valid JSON.', 'invalidSyntax');
  }
}
