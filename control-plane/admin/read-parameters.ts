import type { z } from 'zod';
import { CodedError } from '#shared/errors.js';

/** The parameters of a request, from its query, path or body, in their agreed form. Throws `params_invalid` that names every bad one. */
export function readParameters<T>(schema: z.ZodType<T>, raw: unknown): T {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => {
    const names = issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')];
    return `\`${names.join('`, `')}\`: ${issue.code === 'unrecognized_keys' ? 'there is no such parameter' : issue.message}`;
  });
  throw new CodedError('params_invalid', { message: `Bad parameter. ${faults.join('; ')}.` });
}
