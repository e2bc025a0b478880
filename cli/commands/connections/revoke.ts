import { connectionSchema, type ListedConnection } from '#shared/api/connections.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { confirm as askAtTerminal } from '../../system/ask.js';
import { printable } from '../../system/printable.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { connectCommand } from './connection-table.js';
import { ownConnections } from './fetch-connections.js';

export interface RevokeOptions extends CommonOptions {
  readonly yes?: boolean;
}

export type Confirm = (question: string) => Promise<boolean>;

export function addRevoke({ program, run }: Mount): void {
  program.addCommand(
    newCommand('revoke', 'Revoke your connection to a server, here and there', 'mcp-sso connections revoke github')
      .argument('<server>', 'id of the server, as the list shows it')
      .option('--yes', 'do not ask')
      .action((server: string, options: RevokeOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.connectionsRead, SCOPES.connectionsWrite]);
          return revokeOwn(context, server, options, (method, path) => api.request(method, path));
        }),
      ),
  );
}

/** Resolves to 1 where the person says no. Throws `not_found`, and `usage` where nobody can be asked. */
export async function revokeOwn(
  context: CommandContext,
  server: string,
  { yes = false }: RevokeOptions,
  call: CallApi,
  confirm: Confirm = (question) => askAtTerminal(question),
): Promise<number> {
  requireYes(context, yes);
  const { items } = await ownConnections(call);
  const connection = items.find((one) => one.server === server);
  if (!connection) {
    throw new CodedError('not_found', {
      message: `You have no connection to ${printable(server)}. See yours: mcp-sso connections`,
    });
  }
  if (!yes && !(await confirm(`Revoke your connection to ${printable(server)}?`))) {
    context.stderr('Nothing was revoked.\n');
    return 1;
  }
  const ended = await endConnection(call, connection.id);
  context.stdout(
    context.json
      ? jsonLine(ended)
      : `Revoked: calls to ${printable(server)} use it no more, and ${printable(ended.issuer)} is told to revoke it too.\n` +
          `Connect again: ${connectCommand(server)}\n`,
  );
  return 0;
}

/** Throws `usage` where the command would have to ask and nobody is there. */
export function requireYes({ interactive }: CommandContext, yes: boolean): void {
  if (yes || interactive) return;
  throw new CodedError('usage', { message: 'Nobody can be asked here. Add --yes to revoke without asking.' });
}

export async function endConnection(call: CallApi, id: string): Promise<ListedConnection> {
  return readAnswer(connectionSchema, await call('DELETE', `${PATHS.connections}/${encodeURIComponent(id)}`));
}
