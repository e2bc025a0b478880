import { z } from 'zod';
import { SERVER_ID } from '../mcp/names.js';

/** `GET /api/v1/servers`: the configured MCP servers as this replica last saw them; none of them is asked. */
const serverSchema = z.object({
  id: z.string(),
  title: z.string().nullable(),
  transport: z.enum(['streamable-http', 'sse', 'stdio']),
  /** Whether it speaks 2026-07-28 (`modern`) or an older revision; null where nobody has used it yet. */
  era: z.enum(['modern', 'legacy']).nullable(),
  /** By its last exchange; `unused` since the start of the control plane. */
  state: z.enum(['answering', 'failing', 'unused']),
  /** RFC 3339, UTC. */
  lastAnswerAt: z.string().nullable(),
  /** A code of docs/errors.md, and when. */
  lastFailure: z.object({ code: z.string(), at: z.string() }).nullable(),
  /** The company's credentials for it, in the order of the settings, as its last requests found them; nobody's own. */
  credentials: z.array(
    z.object({
      kind: z.string(),
      state: z.enum(['unused', 'ok', 'refused', 'unavailable']),
      /** RFC 3339, UTC; null while it is unused. */
      since: z.string().nullable(),
      /** What was said of it, never a secret. */
      detail: z.string().nullable(),
    }),
  ),
  /** Of a hosted server: its running processes. */
  processes: z.array(z.object({ pid: z.number().int().nullable(), startedAt: z.string(), busy: z.boolean() })),
});
export type ListedServer = z.output<typeof serverSchema>;

export const serverListSchema = z.object({ servers: z.array(serverSchema) });
export type ServerList = z.output<typeof serverListSchema>;

export const serverParametersSchema = z.strictObject({ id: z.string().regex(SERVER_ID) });

/** `GET /api/v1/servers/{id}/stderr`: what a hosted server said beside its messages, oldest first, secrets masked. */
export const serverOutputSchema = z.object({
  lines: z.array(z.object({ at: z.string(), pid: z.number().int().nullable(), text: z.string() })),
});
export type ServerOutput = z.output<typeof serverOutputSchema>;
