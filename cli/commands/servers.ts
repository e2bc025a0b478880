import { META } from '#shared/mcp/meta.js';
import { z } from 'zod';
import { askMcp } from '../sign-in/mcp-endpoint.js';
import { openSession, type ControlPlaneSession } from '../sign-in/open-session.js';
import { printable } from '../system/printable.js';
import { resolveSettings } from '../system/settings.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from './command.js';
import type { CommandContext } from './context.js';
import { alignColumns } from './table.js';

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
type NamedServers = z.output<typeof namedServers>;

export function addServers({ program, run }: Mount): void {
  program.addCommand(
    newCommand('servers', 'List the MCP servers that you may use', 'mcp-sso servers').action((options: CommonOptions) =>
      run(options, servers),
    ),
  );
}

async function servers(context: CommandContext): Promise<number> {
  const found = await askServers(openSession(context, 'bridge', await resolveSettings(context)));
  context.stdout(context.json ? jsonLine({ servers: found }) : describe(found));
  return 0;
}

/** The servers of which the person may use something, and whether each answered just now. Throws what `askMcp` throws. */
export async function askServers(session: ControlPlaneSession): Promise<NamedServers> {
  const { _meta: meta } = await askMcp(session, 'server/discover');
  const parsed = z.object({ [META.servers]: namedServers }).safeParse(meta);
  return parsed.success ? parsed.data[META.servers] : [];
}

function describe(found: NamedServers): string {
  if (found.length === 0) return 'No policy lets you use an MCP server. Ask your administrator for access.\n';
  const rows = found.map((server) => [server.id, printable(server.title ?? ''), stateOf(server)]);
  return `${alignColumns([['SERVER', 'TITLE', 'STATE'], ...rows]).join('\n')}\n`;
}

function stateOf({ reachable, connect, cutBy, waiting = 0 }: NamedServers[number]): string {
  if (!reachable) return 'does not answer';
  const parts = [
    connect === undefined ? 'answers' : `waits for your own connection: ${printable(connect)}`,
    ...(cutBy === undefined ? [] : [`shown in part (${printable(cutBy)})`]),
    ...(waiting === 0 ? [] : [`${waiting} ${waiting === 1 ? 'tool waits' : 'tools wait'} for a review`]),
  ];
  return parts.join('; ');
}
