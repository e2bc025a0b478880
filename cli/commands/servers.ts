import { askServers, type NamedServers } from '../sign-in/named-servers.js';
import { openSession } from '../sign-in/open-session.js';
import { printable } from '../system/printable.js';
import { resolveSettings } from '../system/settings.js';
import { openScreen, whileShowing } from '../ui/open-screen.js';
import type { ServerLine } from '../ui/screen.js';
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
  const session = openSession(context, 'bridge', await resolveSettings(context));
  const screen = await openScreen(context);
  const found = await whileShowing(screen, 'Asking the control plane', () => askServers(session));
  if (context.json) context.stdout(jsonLine({ servers: found }));
  else context.stdout(screen && found.length > 0 ? screen.servers(found.map(lineOf)) : describe(found));
  return 0;
}

function describe(found: NamedServers): string {
  if (found.length === 0) return 'No policy lets you use an MCP server. Ask your administrator for access.\n';
  const rows = found.map((server) => [server.id, printable(server.title ?? ''), stateOf(server)]);
  return `${alignColumns([['SERVER', 'TITLE', 'STATE'], ...rows]).join('\n')}\n`;
}

function lineOf(server: NamedServers[number]): ServerLine {
  const { id, title = '', reachable, connect, cutBy, waiting = 0 } = server;
  const whole = connect === undefined && cutBy === undefined && waiting === 0;
  const tone = !reachable ? 'bad' : whole ? 'good' : 'warning';
  return {
    id,
    title: printable(title),
    state: stateOf(server, 'see below'),
    tone,
    ...(connect === undefined ? {} : { connect: printable(connect) }),
  };
}

/** `place`: what is said of where to connect; the address itself unless told. */
function stateOf({ reachable, connect, cutBy, waiting = 0 }: NamedServers[number], place?: string): string {
  if (!reachable) return 'does not answer';
  const parts = [
    connect === undefined ? 'answers' : `waits for your own connection: ${place ?? printable(connect)}`,
    ...(cutBy === undefined ? [] : [`shown in part (${printable(cutBy)})`]),
    ...(waiting === 0 ? [] : [`${waiting} ${waiting === 1 ? 'tool waits' : 'tools wait'} for a review`]),
  ];
  return parts.join('; ');
}
