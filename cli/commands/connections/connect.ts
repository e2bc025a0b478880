import { setTimeout as pause } from 'node:timers/promises';
import type { ListedConnection } from '#shared/api/connections.js';
import { PATHS, SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { AdminApi } from '../../sign-in/admin-api.js';
import { canShowBrowser, openInBrowser } from '../../system/browser.js';
import { printable } from '../../system/printable.js';
import { requireUrl, resolveSettings } from '../../system/settings.js';
import type { CallApi } from '../api-answer.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { connectCommand } from './connection-table.js';
import { ownConnections } from './fetch-connections.js';

/** Milliseconds between two looks whether it is done, and that the person has. */
const WAIT = { every: 2_000, longest: 15 * 60_000 };

export interface ConnectOptions extends CommonOptions {
  readonly again?: boolean;
}

export interface ConnectParts {
  readonly origin: string;
  readonly call: CallApi;
  /** False where no browser could be shown. */
  readonly open: (url: string) => Promise<boolean>;
  /** Milliseconds. */
  readonly wait?: typeof WAIT;
}

export function addConnect({ program, run }: Mount): void {
  program.addCommand(
    newCommand('connect', 'Connect your own account at a server, in the browser', 'mcp-sso connections connect github')
      .argument('<server>', 'id of the server, as the list shows it')
      .option('--again', 'although it is connected: with another account, or for more')
      .action((server: string, options: ConnectOptions) =>
        run(options, async (context) => {
          const { value: origin } = requireUrl(await resolveSettings(context));
          const api = new AdminApi(context, [SCOPES.connectionsRead]);
          const open = async (url: string): Promise<boolean> =>
            context.openBrowser && canShowBrowser(process.platform, context.env) && (await openInBrowser(url, origin));
          const call: CallApi = (method, path) => api.request(method, path);
          return connect(context, server, options, { origin, call, open });
        }),
      ),
  );
}

/** Opens the page that connects, and waits for it. Throws `not_found`, and `sign_in_expired` where it takes too long. */
export async function connect(
  context: CommandContext,
  server: string,
  { again = false }: ConnectOptions,
  { origin, call, open, wait = WAIT }: ConnectParts,
): Promise<number> {
  const { items, connectable } = await ownConnections(call);
  const before = items.find((one) => one.server === server);
  if (before?.state === 'active' && !again) return done(context, before, 'Connected already');
  if (!connectable.some((one) => one.server === server)) throw takesNone(server);
  const url = `${origin}${PATHS.connectPage}?server=${encodeURIComponent(server)}`;
  context.stderr(`${(await open(url)) ? 'A browser was opened. Or open' : 'Open in a browser'}:\n${url}\nWaiting …\n`);
  const until = Date.now() + wait.longest;
  while (Date.now() < until) {
    await pause(wait.every);
    const made = (await ownConnections(call)).items.find((one) => one.server === server && isNew(one, before));
    if (made) return done(context, made, 'Connected');
  }
  throw new CodedError('sign_in_expired', {
    message: `Nothing was connected in ${wait.longest / 60_000} minutes. Try again: ${connectCommand(server)}`,
  });
}

function isNew(one: ListedConnection, before: ListedConnection | undefined): boolean {
  if (one.state !== 'active') return false;
  if (before === undefined || before.state === 'refused') return true;
  return one.id !== before.id || one.connectedAt !== before.connectedAt;
}

function done({ json, stdout }: CommandContext, connection: ListedConnection, what: string): number {
  const { server, issuer } = connection;
  stdout(
    json
      ? jsonLine(connection)
      : `${what}: ${printable(server)}, with your account at ${printable(issuer)}.\n` +
          `Revoke it: mcp-sso connections revoke ${printable(server)}\n`,
  );
  return 0;
}

function takesNone(server: string): CodedError {
  return new CodedError('not_found', {
    message: `There is no server ${printable(server)} that asks for an account of yours. See which do: mcp-sso connections`,
  });
}
