import { PATHS } from '#shared/api/paths.js';
import type { AskedConnection, ConnectionNeed } from '../../credentials/connections/connection.js';
import type { Parts } from '../parts.js';
import { untilText, type Awaited } from './awaited.js';

/** What a call waits for that needs the person's own account at its server. `why`: what is missing, and who decided. */
export function awaitedConnection(
  { connections, publicUrl }: Pick<Parts, 'connections' | 'publicUrl'>,
  { id, askedAt, expiresAt }: AskedConnection,
  why: string,
): Awaited {
  const url = `${publicUrl}${PATHS.connectPage}/${id}`;
  return {
    kind: 'connection',
    id,
    url,
    waiting: `${why} To connect it, open ${url} and sign in; nobody else can do that for you.`,
    again: `Make the same call again once it is connected; the address is good until ${untilText(expiresAt)}.`,
    askedAt,
    byCaller: true,
    waitFor: (milliseconds, signal) => connections.waitFor(id, milliseconds, signal),
  };
}

type Servers = Pick<Parts, 'servers'>;

/** Why a call cannot be made yet. */
export function missingText(parts: Servers, { server, why }: ConnectionNeed): string {
  const account = `${nameOf(parts, server)} lets this call in by your own account there`;
  if (why === 'none') return `${account}, which is not connected yet.`;
  if (why === 'refused') return `${account}, and the connection to it does not hold any more.`;
  return `${account}, and the connection to it does not reach far enough.`;
}

/** Why a call was not made whose person said no. */
export function refusedText(parts: Servers, server: string): string {
  const once = `You chose not to connect your account at ${nameOf(parts, server)}, so this call was not made.`;
  return `${once} Make it again to be asked anew.`;
}

/** Why a call was not made whose person has connected their account, for less than the call needs. */
export function tooLittleText(parts: Servers, server: string, scopes: readonly string[]): string {
  const given = `Your account at ${nameOf(parts, server)} is connected, but not for ${scopes.join(', ')}, which this tool needs.`;
  return `${given} Make the call again to be asked anew, or tell your administrator.`;
}

function nameOf({ servers }: Servers, server: string): string {
  const title = servers[server]?.title;
  return title === undefined ? server : `${title} (${server})`;
}
