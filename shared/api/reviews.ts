import { z } from 'zod';
import { SERVER_ID } from '../mcp/names.js';

const effect = z.enum(['read', 'write', 'destroy']);
const server = z.string().regex(SERVER_ID);
const tool = z.string().min(1).max(2048);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'write the whole hash, 64 hex digits');

/** `GET /api/v1/reviews`: definitions of tools, those seen last first. */
export const reviewsQuerySchema = z.strictObject({
  state: z.enum(['pending', 'accepted', 'rejected']).optional(),
  server: server.optional(),
  tool: tool.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
});

/** One definition that a server gave of a tool. Times are RFC 3339, UTC. */
const reviewSchema = z.object({
  server: z.string(),
  tool: z.string(),
  /** Of the canonical JSON (RFC 8785), hex. */
  sha256: z.string(),
  /** `superseded`: was accepted, and is not in the lock file that is in force. */
  state: z.enum(['pending', 'accepted', 'rejected', 'superseded']),
  /** Whether the tool may be shown and called now. */
  reviewed: z.boolean(),
  firstSeenAt: z.string(),
  lastSeenAt: z.string(),
  decidedAt: z.string().nullable(),
  /** A person's id, `first-use` or `lock`. */
  decidedBy: z.string().nullable(),
  /** The effect that the server's own annotations suggest: a claim. */
  suggestedEffect: effect,
});
export type ListedReview = z.output<typeof reviewSchema>;

export const reviewListSchema = z.object({ reviews: z.array(reviewSchema), more: z.boolean() });
export type ReviewList = z.output<typeof reviewListSchema>;

/** `GET /api/v1/reviews/definition`: one of them against what was accepted before. */
export const definitionQuerySchema = z.strictObject({ server, tool, sha256 });

export const reviewDetailSchema = z.object({
  review: reviewSchema,
  comparedWith: z.string().nullable(),
  /** Hidden characters are written as `⟨U+200B⟩`; of a text that changed, `[-old-]{+new+}`. */
  changes: z.array(z.object({ at: z.string(), kind: z.enum(['added', 'removed', 'changed']), text: z.string() })),
  /** Changes beyond what anybody would read: such a definition can only be rejected. */
  more: z.number().int(),
  /** Characters of the definition that people don't see. */
  hidden: z.array(z.string()),
});
export type ReviewDetail = z.output<typeof reviewDetailSchema>;

/** `POST /api/v1/reviews/decisions`: about exactly the definition that was shown, in the state in which it was shown. */
export const decisionSchema = z.strictObject({
  server,
  tool,
  sha256,
  from: z.enum(['pending', 'accepted', 'rejected']),
  to: z.enum(['accepted', 'rejected']),
});

/** `reviewed`: whether the tool may be shown and called after it. */
export const decidedSchema = z.object({ server: z.string(), tool: z.string(), reviewed: z.boolean() });
export type Decided = z.output<typeof decidedSchema>;

/** `GET /api/v1/reviews/lock`: the text of `mcp-sso.lock.yaml`. */
export const lockQuerySchema = z.strictObject({ server: server.optional() });
export const lockSchema = z.object({ text: z.string() });
export type LockText = z.output<typeof lockSchema>;

/** `GET /api/v1/reviews/effects`: what tools do by the admin's word (null where nobody said) and by their servers' own. */
export const toolEffectsSchema = z.object({
  tools: z.array(
    z.object({
      server: z.string(),
      tool: z.string(),
      effect: effect.nullable(),
      suggestedEffect: effect,
      /** Whether the tool may be shown and called now. */
      reviewed: z.boolean(),
    }),
  ),
  /** Those that nobody said anything of, to be pasted into `mcp-sso.yaml`. */
  yaml: z.string(),
});
export type ToolEffects = z.output<typeof toolEffectsSchema>;

/** `GET /api/v1/policies/problems`: policies in force that no longer fit what the servers offer. */
export const policyProblemsSchema = z.object({ problems: z.array(z.string()) });
export type PolicyProblems = z.output<typeof policyProblemsSchema>;
