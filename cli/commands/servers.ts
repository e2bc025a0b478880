import { askServers, type NamedServers } from '../sign-in/named-servers.js';
import { openSession } from '../sign-in/open-session.js';
import { printable } from '../system/printable.js';
import { resolveSettings } from '../system/settings.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from './command.js';
import type { CommandContext } from './context.js';
import { alignColumns } from './table.js';

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
