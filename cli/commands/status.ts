import { CodedError, ERRORS } from '#shared/errors.js';
import type { CredentialStore } from '../credential-store/credential-store.js';
import { accountName } from '../sign-in/account-name.js';
import { askServers } from '../sign-in/named-servers.js';
import { openSession, type ControlPlaneSession } from '../sign-in/open-session.js';
import { trySession, type TriedSession } from '../sign-in/try-session.js';
import type { Account } from '../sign-in/token-source.js';
import { printable } from '../system/printable.js';
import { requireUrl, resolveSettings, type CliSettings, type Setting } from '../system/settings.js';
import { openScreen, whileShowing } from '../ui/open-screen.js';
import type { Fact, Screen, Tone } from '../ui/screen.js';
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
  const screen = await openScreen(context);
  const { tried, servers } = await whileShowing(screen, 'Asking the control plane', async () => {
    const answer = account ? await trySession(session) : { session: 'signed_out' as const, failure: undefined };
    return { tried: answer, servers: answer.session === 'live' ? await tryServers(session) : null };
  });
  const found: Status = {
    controlPlane: { url: url.value, setBy: url.setBy },
    account: tried.session === 'ended' ? null : account,
    session: tried.session,
    credentialStore: { kind: store.kind, setBy: settings.credentialStore?.setBy ?? 'default', place: store.place },
    servers,
    problem: tried.failure?.message ?? null,
  };
  if (context.json) context.stdout(jsonLine(found));
  else context.stdout(shown(screen, factsOf(found, settings, store)));
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

const SESSION_TONE: Record<SessionState, Tone> = {
  live: 'good',
  ended: 'bad',
  signed_out: 'warning',
  unknown: 'warning',
};

function factsOf(found: Status, settings: CliSettings, store: CredentialStore): Fact[] {
  return [
    { label: 'Control plane', text: `${found.controlPlane.url} (set by ${found.controlPlane.setBy})` },
    ...overruled(settings.url),
    { label: 'Account', text: found.account ? accountName(found.account) : 'not signed in' },
    { label: 'Session', text: SESSION_TEXT[found.session], tone: SESSION_TONE[found.session] },
    { label: 'Tokens', text: `${store.place} (set by ${found.credentialStore.setBy})` },
    ...serverFacts(found.servers),
    ...(found.problem ? [{ label: 'Problem', text: found.problem, tone: 'bad' as const }] : []),
  ];
}

const LABEL_WIDTH = 15;

function shown(screen: Screen | undefined, facts: readonly Fact[]): string {
  if (screen) return screen.facts(facts);
  return `${facts.map(({ label, text }) => label.padEnd(LABEL_WIDTH) + text).join('\n')}\n`;
}

function serverFacts(servers: Status['servers']): Fact[] {
  if (servers === null) return [];
  const { reachable, unreachable, cut } = servers;
  return [
    ...(reachable.length > 0 ? [{ label: 'Servers', text: reachable.join(', ') }] : []),
    ...(unreachable.length > 0 ? [{ label: 'Not answering', text: unreachable.join(', '), tone: 'bad' as const }] : []),
    ...(cut.length > 0 ? [{ label: 'Shown in part', text: cut.join(', '), tone: 'warning' as const }] : []),
  ];
}

function overruled(setting: Setting<unknown> | undefined): Fact[] {
  return setting && setting.overrules.length > 0
    ? [{ label: '', text: `ignored: ${setting.overrules.join(', ')}` }]
    : [];
}
