import { z } from 'zod';

/** Error body of every HTTP answer that is neither OAuth nor MCP (RFC 9457, with our code). */
export const problemSchema = z.object({
  status: z.number().int(),
  code: z.string(),
  /** Public text: what happened and what to do next. */
  detail: z.string(),
  /** Reference into the audit log, where there is one. */
  reference: z.string().optional(),
});
export type Problem = z.output<typeof problemSchema>;
