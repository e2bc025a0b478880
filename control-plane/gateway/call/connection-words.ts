import { PATHS } from '#shared/api/paths.js';
import type { AskedConnection, ConnectionNeed } from '../../credentials/connections/connection.js';
import { shortLine } from '../../identity/clients/short-line.js';
import type { Parts } from '../parts.js';
import { untilText, type Awaited } from './awaited.js';

const MAX_SCOPES = 200;

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
  const given = `Your account at ${nameOf(parts, server)} is connected, but not for ${scopesText(scopes)}, which this tool needs.`;
  return `${given} Make the call again to be asked anew, or tell your administrator.`;
}

/** Why a call was not made that its server refuses for want of scopes, though no consent of the person would help. */
export function refusedScopesText(parts: Servers, server: string, scopes: readonly string[]): string {
  const name = nameOf(parts, server);
  const wants = scopes.length === 0 ? '' : ` It asks for ${scopesText(scopes)}.`;
  return `${name} refused this call because your connection to it does not reach far enough, and allowing more would not help.${wants} Tell your administrator.`;
}

/** Scopes in the words of a server, short enough to be read. */
export function scopesText(scopes: readonly string[]): string {
  return shortLine(scopes.join(', '), MAX_SCOPES) ?? 'scopes without a name';
}

function nameOf({ servers }: Servers, server: string): string {
  const title = servers[server]?.title;
  return title === undefined ? server : `${title} (${server})`;
}
