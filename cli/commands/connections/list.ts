import { SCOPES } from '#shared/api/paths.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { requireZone } from '../../time-phrases/time-range.js';
import { TIME_ZONE } from '../admin/list-options.js';
import type { CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { printOwn } from './connection-table.js';
import { ownConnections } from './fetch-connections.js';

interface ListOptions extends CommonOptions {
  readonly tz?: string;
}

export function addList({ program, run }: Mount): void {
  program.addCommand(
    newCommand('list', 'Your connections, and the servers that want one', 'mcp-sso connections list')
      .option(...TIME_ZONE)
      .action((options: ListOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.connectionsRead]);
          return listOwn(context, options, (method, path) => api.request(method, path));
        }),
      ),
    { isDefault: true },
  );
}

export async function listOwn(context: CommandContext, { tz }: ListOptions, call: CallApi): Promise<number> {
  const zone = requireZone(tz);
  const { items: connections, connectable } = await ownConnections(call);
  context.stdout(context.json ? jsonLine({ connections, connectable }) : printOwn(connections, connectable, zone));
  return 0;
}
