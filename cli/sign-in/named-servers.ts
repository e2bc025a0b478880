import { META } from '#shared/mcp/meta.js';
import { z } from 'zod';
import { askMcp } from './mcp-endpoint.js';
import type { ControlPlaneSession } from './open-session.js';

const namedServers = z.array(
  z.object({
    id: z.string(),
    title: z.string().optional(),
    reachable: z.boolean(),
    connect: z.string().optional(),
    cutBy: z.string().optional(),
    waiting: z.number().int().optional(),
  }),
);
export type NamedServers = z.output<typeof namedServers>;

/** The servers of which the person may use something, and whether each answered just now. Throws what `askMcp` throws. */
export async function askServers(session: ControlPlaneSession): Promise<NamedServers> {
  const { _meta: meta } = await askMcp(session, 'server/discover');
  const parsed = z.object({ [META.servers]: namedServers }).safeParse(meta);
  return parsed.success ? parsed.data[META.servers] : [];
}
