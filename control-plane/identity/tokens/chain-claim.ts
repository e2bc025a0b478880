import { z } from 'zod';
import type { AgentChain } from '#shared/mcp/agent-chain.js';
import { agentText } from '#shared/mcp/agent-text.js';

const textSchema = z.unknown().transform((value, context) => {
  const text = agentText(value);
  if (text !== undefined) return text;
  context.addIssue({ code: 'custom', message: 'no text' });
  return z.NEVER;
});

const chainSchema = z.object({
  bridge: z.uuid(),
  environment: z.object({ host: textSchema, session: textSchema.exactOptional() }).exactOptional(),
  hook: z
    .object({
      session: textSchema,
      id: textSchema.exactOptional(),
      type: textSchema.exactOptional(),
      parent: textSchema.exactOptional(),
      depth: z.int().min(0).max(99).exactOptional(),
      toolUse: textSchema.exactOptional(),
      prompt: textSchema.exactOptional(),
    })
    .exactOptional(),
});

/** The claim `chain` of a DPoP proof. A malformed one is none: it never makes a proof invalid. */
export function chainClaim(value: unknown): AgentChain | undefined {
  const parsed = chainSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
