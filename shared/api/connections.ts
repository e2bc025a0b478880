import { SERVER_ID } from '../mcp/names.js';
import { z } from 'zod';
import { personSchema } from './person.js';

/** `GET /api/v1/connections`: people's own accounts at MCP servers, newest first. */
export const connectionsQuerySchema = z.strictObject({
  /** `me`, or the e-mail address, the part before its @, name, or id of a person. */
  user: z.string().min(1).max(320).optional(),
  server: z.string().regex(SERVER_ID, 'write the id of a server').optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
});

/** That somebody has connected an account, and nothing of what it opens. Times are RFC 3339, UTC. */
export const connectionSchema = z.object({
  id: z.string(),
  person: personSchema,
  server: z.string(),
  /** The authorization server that gave the tokens. */
  issuer: z.string(),
  /** As granted; empty where the authorization server did not say. */
  scopes: z.array(z.string()),
  /** `refused`: it opens nothing any more, the person has to connect again. */
  state: z.enum(['active', 'refused']),
  connectedAt: z.string(),
  /** To within a minute. */
  lastUsedAt: z.string(),
  /** Since when the authorization server gives no more tokens for it. */
  refusedAt: z.string().nullable(),
});
export type ListedConnection = z.output<typeof connectionSchema>;

/** A server at which the caller may connect an account of theirs. */
const connectableSchema = z.object({ server: z.string(), title: z.string() });
export type ConnectableServer = z.output<typeof connectableSchema>;

export const connectionPageSchema = z.object({
  connections: z.array(connectionSchema),
  nextCursor: z.string().nullable(),
  /** Servers that take an account of the caller's. Of one’s own list only; else empty. */
  connectable: z.array(connectableSchema),
});
export type ConnectionPage = z.output<typeof connectionPageSchema>;

export const connectionParametersSchema = z.strictObject({ id: z.string().regex(/^con_[A-Za-z0-9_-]{1,64}$/) });
