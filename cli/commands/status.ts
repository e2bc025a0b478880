import { CodedError, ERRORS } from '#shared/errors.js';
import type { CredentialStore } from '../credential-store/credential-store.js';
import { accountName } from '../sign-in/account-name.js';
import { askServers } from '../sign-in/named-servers.js';
import { openSession, type ControlPlaneSession } from '../sign-in/open-session.js';
import { trySession, type TriedSession } from '../sign-in/try-session.js';
import type { Account } from '../sign-in/token-source.js';
import { printable } from '../system/printable.js';
import { requireUrl, resolveSettings, type CliSettings, type Setting } from '../system/settings.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from './command.js';
import type { CommandContext } from './context.js';

type SessionState = TriedSession['session'] | 'signed_out';

interface Status {
  readonly controlPlane: { readonly url: string; readonly setBy: string };
  readonly account: Account | null;
  readonly session: SessionState;
  readonly credentialStore: { readonly kind: string; readonly setBy: string; readonly place: string };
  /** Ids of the MCP servers of which the person may use something, with the setting where a list is cut; null where they could not be asked for. */
  readonly servers: { readonly reachable: string[]; readonly unreachable: string[]; readonly cut: string[] } | null;
  /** Why the session is unknown. */
  readonly problem: string | null;
}

export function addStatus({ program, run }: Mount): void {
  program.addCommand(
    newCommand('status', 'Show who is signed in, where, and whether the session is alive', 'mcp-sso status').action(
      (options: CommonOptions) => run(options, status),
    ),
  );
}

async function status(context: CommandContext): Promise<number> {
  const settings = await resolveSettings(context);
  const url = requireUrl(settings);
  const session = openSession(context, 'bridge', settings);
  const store = await session.store();
  const account = (await session.signIn.signedIn()) ?? null;
  const tried = account ? await trySession(session) : { session: 'signed_out' as const, failure: undefined };
  const found: Status = {
    controlPlane: { url: url.value, setBy: url.setBy },
    account: tried.session === 'ended' ? null : account,
    session: tried.session,
    credentialStore: { kind: store.kind, setBy: settings.credentialStore?.setBy ?? 'default', place: store.place },
    servers: tried.session === 'live' ? await tryServers(session) : null,
    problem: tried.failure?.message ?? null,
  };
  context.stdout(context.json ? jsonLine(found) : describe(found, settings, store));
  if (tried.session === 'unknown') return tried.failure?.form.exit ?? 1;
  return tried.session === 'live' ? 0 : ERRORS.sign_in_needed.exit;
}

/** What can't be said of the servers is no fault of the sign-in. */
async function tryServers(session: ControlPlaneSession): Promise<Status['servers']> {
  try {
    const servers = await askServers(session);
    const idsOf = (reachable: boolean): string[] =>
      servers.filter((server) => server.reachable === reachable).map(({ id }) => id);
    const cut = servers.flatMap(({ id, cutBy }) => (cutBy === undefined ? [] : [`${id} (${printable(cutBy)})`]));
    return { reachable: idsOf(true), unreachable: idsOf(false), cut };
  } catch (error) {
    if (error instanceof CodedError) return null;
    throw error;
  }
}

const SESSION_TEXT: Record<SessionState, string> = {
  live: 'alive, the control plane just confirmed it',
  ended: 'ended by the control plane. Sign in again: mcp-sso login',
  signed_out: 'none. Sign in: mcp-sso login',
  unknown: 'unknown, the control plane could not be asked',
};

function describe(found: Status, settings: CliSettings, store: CredentialStore): string {
  const lines = [
    `Control plane  ${found.controlPlane.url} (set by ${found.controlPlane.setBy})`,
    ...overruled(settings.url),
    `Account        ${found.account ? accountName(found.account) : 'not signed in'}`,
    `Session        ${SESSION_TEXT[found.session]}`,
    `Tokens         ${store.place} (set by ${found.credentialStore.setBy})`,
    ...serverLines(found.servers),
    ...(found.problem ? [found.problem] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function serverLines(servers: Status['servers']): string[] {
  if (servers === null) return [];
  const { reachable, unreachable, cut } = servers;
  return [
    ...(reachable.length > 0 ? [`Servers        ${reachable.join(', ')}`] : []),
    ...(unreachable.length > 0 ? [`Not answering  ${unreachable.join(', ')}`] : []),
    ...(cut.length > 0 ? [`Shown in part  ${cut.join(', ')}`] : []),
  ];
}

function overruled(setting: Setting<unknown> | undefined): string[] {
  return setting && setting.overrules.length > 0 ? [`               ignored: ${setting.overrules.join(', ')}`] : [];
}
