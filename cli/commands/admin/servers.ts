import { PATHS, SCOPES } from '#shared/api/paths.js';
import { serverListSchema, serverOutputSchema, type ServerOutput } from '#shared/api/servers.js';
import { asCoded } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { fetchEffects } from '../reviews/effects.js';
import { printOutput, printServers, printTools } from './server-table.js';

interface ServerOptions extends CommonOptions {
  readonly tz?: string;
}

export function addServers({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'servers',
      'How the MCP servers do, or the tools of one and what it says on stderr',
      'mcp-sso admin servers files',
    )
      .argument('[id]', 'a server: print its tools with their effects, and of a hosted one the last lines')
      .option('--tz <zone>', 'time zone to print times in (default: this machine’s)')
      .action((id: string | undefined, options: ServerOptions) =>
        run(options, (context) => {
          const scopes = id === undefined ? [SCOPES.serversRead] : [SCOPES.serversRead, SCOPES.reviewsRead];
          const api = new AdminApi(context, scopes);
          const call: CallApi = (method, path) => api.request(method, path);
          return id === undefined ? listServers(context, options, call) : showServer(context, options, id, call);
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

/** Its tools, and the last lines of one that the control plane runs itself. Throws `not_found` where nothing is known of it. */
export async function showServer(
  context: CommandContext,
  { tz }: ServerOptions,
  id: string,
  call: CallApi,
): Promise<number> {
  const zone = requireZone(tz);
  const { tools } = await fetchEffects(call, id);
  const lines = await fetchLines(call, id, tools.length > 0);
  if (context.json) context.stdout(jsonLine({ tools, lines: lines ?? null }));
  else {
    if (tools.length > 0) context.stdout(printTools(tools));
    if (lines !== undefined) context.stdout(printOutput(lines, zone));
  }
  return 0;
}

/** Undefined of a server that runs elsewhere. */
async function fetchLines(call: CallApi, id: string, known: boolean): Promise<ServerOutput['lines'] | undefined> {
  const path = `${PATHS.servers}/${encodeURIComponent(id)}/stderr`;
  try {
    return readAnswer(serverOutputSchema, await call('GET', path)).lines;
  } catch (error) {
    if (known && asCoded(error).code === 'not_found') return undefined;
    throw error;
  }
}
