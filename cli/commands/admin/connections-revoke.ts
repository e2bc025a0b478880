import type { ListedConnection } from '#shared/api/connections.js';
import { SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { confirm as askAtTerminal } from '../../system/ask.js';
import { printable } from '../../system/printable.js';
import type { CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type Mount } from '../command.js';
import { fetchConnections } from '../connections/fetch-connections.js';
import { endConnection, requireYes, type Confirm, type RevokeOptions } from '../connections/revoke.js';
import type { CommandContext } from '../context.js';
import { who } from '../sessions/session-words.js';
import { WHO } from './list-options.js';

/** More than one person has. */
const MOST = 1000;

interface AdminRevokeOptions extends RevokeOptions {
  readonly user?: string;
  readonly server?: string;
}

export function addConnectionsRevoke({ program, run }: Mount): void {
  program.addCommand(
    newCommand(
      'revoke',
      'Revoke a connection, or all of a person, here and at the servers',
      'mcp-sso admin connections revoke --user bob@example.com --server github',
    )
      .argument('[connection]', 'id of the connection, as the list shows it')
      .option('--user <who>', `of one person: ${WHO}`)
      .option('--server <id>', 'with --user: at one server alone')
      .option('--yes', 'do not ask')
      .action((id: string | undefined, options: AdminRevokeOptions) =>
        run(options, (context) => {
          const api = new AdminApi(context, [SCOPES.connectionsRead, SCOPES.connectionsWrite]);
          return revokeConnections(context, id, options, (method, path) => api.request(method, path));
        }),
      ),
  );
}

/** Resolves to 1 where the person at the terminal says no. Throws `usage` and `not_found`. */
export async function revokeConnections(
  context: CommandContext,
  id: string | undefined,
  options: AdminRevokeOptions,
  call: CallApi,
  confirm: Confirm = (question) => askAtTerminal(question),
): Promise<number> {
  const { user, server, yes = false } = options;
  if ((id === undefined) === (user === undefined) || (id !== undefined && server !== undefined)) {
    throw new CodedError('usage', { message: 'Name either a connection or, with --user, a person.' });
  }
  requireYes(context, yes);
  const chosen = id === undefined ? await allOf(call, user!, server) : [id];
  const question =
    id === undefined ? `Revoke ${countText(chosen.length)} of ${printable(user!)}?` : `Revoke ${printable(id)}?`;
  if (chosen.length > 0 && !yes && !(await confirm(question))) {
    context.stderr('Nothing was revoked.\n');
    return 1;
  }
  report(context, await endAll(call, chosen, id !== undefined));
  return 0;
}

/** Throws `usage` where the word means more than one person. */
async function allOf(call: CallApi, user: string, server: string | undefined): Promise<string[]> {
  const filter = { user, limit: MOST, ...(server === undefined ? {} : { server }) };
  const { items } = await fetchConnections(call, filter);
  const people = new Map(items.map(({ person }) => [person.id, person]));
  if (people.size > 1) {
    const names = [...people.values()].map((person) => `${who(person)} (${person.id})`).join(', ');
    throw new CodedError('usage', {
      message: `“${user}” means several people: ${names}. Give --user one of the ids.`,
    });
  }
  return items.map((one) => one.id);
}

/** Of several, one that somebody else has ended meanwhile needs no end. */
async function endAll(call: CallApi, ids: readonly string[], isOne: boolean): Promise<ListedConnection[]> {
  const ended: ListedConnection[] = [];
  for (const id of ids) {
    try {
      ended.push(await endConnection(call, id));
    } catch (error) {
      if (isOne || !(error instanceof CodedError && error.code === 'not_found')) throw error;
    }
  }
  return ended;
}

function report({ json, stdout }: CommandContext, ended: readonly ListedConnection[]): void {
  if (json) stdout(jsonLine({ ended }));
  else if (ended.length === 0) stdout('No connection matches, so nothing was revoked.\n');
  else
    stdout(
      `Revoked ${countText(ended.length)}: no call uses it any more, and the servers are told.\n` +
        'What came of that: mcp-sso audit search --since today\n',
    );
}

function countText(count: number): string {
  return count === 1 ? 'one connection' : `${count} connections`;
}
