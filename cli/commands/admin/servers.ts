import { PATHS, SCOPES } from '#shared/api/paths.js';
import { serverListSchema, serverOutputSchema } from '#shared/api/servers.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { printOutput, printServers } from './server-table.js';

interface ServerOptions extends CommonOptions {
  readonly tz?: string;
}

export function addServers({ program, run }: Mount): void {
  program.addCommand(
    newCommand('servers', 'How the MCP servers do, or what a hosted one says on stderr', 'mcp-sso admin servers files')
      .argument('[id]', 'a server that the control plane runs itself: print its last lines')
      .option('--tz <zone>', 'time zone to print times in (default: this machine’s)')
      .action((id: string | undefined, options: ServerOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.serversRead]);
          const call: CallApi = (method, path) => api.request(method, path);
          return id === undefined ? listServers(context, options, call) : readOutput(context, options, id, call);
        }),
      ),
  );
}

export async function listServers(context: CommandContext, { tz }: ServerOptions, call: CallApi): Promise<number> {
  const zone = requireZone(tz);
  const list = readAnswer(serverListSchema, await call('GET', PATHS.servers));
  context.stdout(context.json ? jsonLine(list) : printServers(list.servers, zone));
  return 0;
}

export async function readOutput(
  context: CommandContext,
  { tz }: ServerOptions,
  id: string,
  call: CallApi,
): Promise<number> {
  const zone = requireZone(tz);
  const path = `${PATHS.servers}/${encodeURIComponent(id)}/stderr`;
  const output = readAnswer(serverOutputSchema, await call('GET', path));
  context.stdout(context.json ? jsonLine(output) : printOutput(output.lines, zone));
  return 0;
}
