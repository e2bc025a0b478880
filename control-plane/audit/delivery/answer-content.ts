import type { z } from 'zod';

/** What an answer says as JSON; undefined where it is not of that form. */
export function answerContent<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}
