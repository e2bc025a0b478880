import { SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import type { CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type Mount } from '../command.js';
import { printConnections } from '../connections/connection-table.js';
import { fetchConnections } from '../connections/fetch-connections.js';
import type { CommandContext } from '../context.js';
import { withListOptions, type ListOptions } from './list-options.js';

interface ConnectionsOptions extends ListOptions {
  readonly server?: string;
}

export function addConnectionsList({ program, run }: Mount): void {
  const list = newCommand(
    'list',
    'Who has connected an account of theirs to which server',
    'mcp-sso admin connections list --server github',
  );
  program.addCommand(
    withListOptions(list)
      .option('--server <id>', 'at one server')
      .action((options: ConnectionsOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.connectionsRead]);
          return listConnections(context, options, (method, path) => api.request(method, path));
        }),
      ),
    { isDefault: true },
  );
}

export async function listConnections(
  context: CommandContext,
  options: ConnectionsOptions,
  call: CallApi,
): Promise<number> {
  const zone = requireZone(options.tz);
  const { items: connections, more } = await fetchConnections(call, options);
  context.stdout(context.json ? jsonLine({ connections, more }) : printConnections(connections, more, zone));
  return 0;
}
