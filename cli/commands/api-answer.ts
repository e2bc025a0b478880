import type { z } from 'zod';
import { CodedError } from '#shared/errors.js';

/** GET of a path of the admin API, signed in: the JSON of a 200, anything else is thrown as CodedError. */
export type ReadApi = (path: string) => Promise<unknown>;

/** Any request of the admin API, answered in the same way; the content goes as JSON. */
export type CallApi = (method: 'GET' | 'POST' | 'DELETE', path: string, content?: unknown) => Promise<unknown>;

/** An answer of the admin API in its agreed form. Throws `internal` for another one. */
export function readAnswer<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new CodedError('internal', {
    message: 'The control plane’s answer has a form that this mcp-sso does not know. Update mcp-sso.',
    detail: parsed.error.message,
  });
}
