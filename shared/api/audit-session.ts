import { z } from 'zod';
import { CHAIN_MARKS } from '../mcp/agent-chain.js';

/** `GET /api/v1/audit/sessions/{id}`: calls that one tree shows; with more, the earliest of them and `truncated`. */
export const MAX_SESSION_CALLS = 1_000;

/** The id of a sign-in or of a trace, or what an app calls its own session. */
export const auditSessionParametersSchema = z.strictObject({ id: z.string().min(1).max(256) });

const callSchema = z.object({
  /** `tool.call`, `resource.read`, `prompt.get` or `method.use`. */
  type: z.string(),
  server: z.string().nullable(),
  target: z.string().nullable(),
  decision: z.enum(['allow', 'deny']).nullable(),
  outcome: z.enum(['ok', 'tool_error', 'error', 'cancelled', 'unknown']).nullable(),
  /** Milliseconds. */
  duration: z.number().nullable(),
  toolUse: z.string().nullable(),
  /** W3C Trace Context. */
  trace: z.string().nullable(),
  span: z.string().nullable(),
  parentSpan: z.string().nullable(),
});

const nodeSchema = z.object({
  /** Within this answer; of a call, its reference. */
  id: z.string(),
  /**
   * `actor` acts for the person by a token of its own (RFC 8693), `session` is a sign-in, `bridge` one process of the
   * bridge, `conversation` what an app calls its session, `agent` a sub-agent in it.
   */
  kind: z.enum(['person', 'actor', 'session', 'bridge', 'conversation', 'agent', 'call']),
  /** What it is called where it lives: `usr_…`, `ses_…`, the app's own id …; null where the app gave none. */
  ref: z.string().nullable(),
  /** E-mail address, registered client, app, or type of the agent. */
  label: z.string().nullable(),
  /** RFC 3339, UTC: the first call below it, and the end of the last one as far as it is known. */
  start: z.string(),
  end: z.string(),
  call: callSchema.nullable(),
});
export type SessionNode = z.output<typeof nodeSchema>;

const edgeSchema = z.object({
  from: z.string(),
  to: z.string(),
  /** `verified`: proved by a token. `attested`: said by the person's own bridge. `claimed`: only by the app. */
  mark: z.enum(CHAIN_MARKS),
});
export type SessionEdge = z.output<typeof edgeSchema>;

/** A forest: every node but the people has exactly one edge to it, and stands behind the node that the edge is from. */
export const auditSessionSchema = z.object({
  id: z.string(),
  nodes: z.array(nodeSchema),
  edges: z.array(edgeSchema),
  truncated: z.boolean(),
});
export type AuditSession = z.output<typeof auditSessionSchema>;
