import { hostname } from 'node:os';
import { Option } from 'commander';
import { CodedError } from '#shared/errors.js';
import type { CredentialStore } from '../credential-store/credential-store.js';
import { accountName } from '../sign-in/account-name.js';
import { openSession } from '../sign-in/open-session.js';
import { redeemBreakGlass } from '../sign-in/token-endpoint.js';
import { signInWords } from '../sign-in/sign-in-words.js';
import type { Account } from '../sign-in/token-source.js';
import { askLine } from '../system/ask.js';
import { requireUrl, resolveSettings, type CliSettings, type Setting } from '../system/settings.js';
import { openScreen, whileShowing } from '../ui/open-screen.js';
import type { Screen } from '../ui/screen.js';
import { saveUserConfig } from '../system/user-config.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from './command.js';
import type { CommandContext } from './context.js';

interface LoginOptions extends CommonOptions {
  readonly device?: boolean;
  /** True where nothing was said of what for. */
  readonly breakGlass?: true | 'admin' | 'mcp';
}

export function addLogin({ program, run }: Mount): void {
  program.addCommand(
    newCommand('login', 'Sign in through the browser, or by a code', 'mcp-sso login --url https://mcp.example.com')
      .option('--device', 'by a code that you type into a browser on another computer')
      .addOption(
        new Option('--break-glass [area]', 'by a code made on the server’s host: for admin (default) or mcp').choices([
          'admin',
          'mcp',
        ]),
      )
      .action(({ device = false, breakGlass, ...options }: LoginOptions) =>
        run(options, (context) =>
          breakGlass === undefined
            ? login(context, device)
            : loginByBreakGlass(context, breakGlass === 'mcp' ? 'bridge' : 'admin'),
        ),
      ),
  );
}

async function login(context: CommandContext, device: boolean): Promise<number> {
  const settings = await resolveSettings(context);
  const url = requireUrl(settings);
  noteOverruled(context, url);
  if (settings.credentialStore?.value === 'memory') return rememberOnly(context, url.value, settings);
  // Whoever types `login` names the control plane: this is what makes it trusted from now on.
  const trusting = { ...settings, trusted: [...settings.trusted, url.value] };
  const session = openSession(context, 'bridge', trusting, { device });
  const store = await session.store();
  if (store.kind === 'memory') throw notInMemory();
  const started = await session.signIn.begin({ openBrowser: context.openBrowser, force: true });
  const screen = await openScreen(context);
  if (screen) context.stdout(screen.signInTask({ origin: url.value, ...started }));
  else context.stderr(`Signing in at ${url.value}. ${signInWords(started)}`);
  const account = await whileShowing(screen, 'Waiting for you in the browser', () => started.completed);
  await remember(context, url.value, settings);
  report(context, url.value, account, store, screen);
  return 0;
}

/** Past the IdP, by a code that is asked for: on a command line others could read it. */
async function loginByBreakGlass(context: CommandContext, role: 'admin' | 'bridge'): Promise<number> {
  const settings = await resolveSettings(context);
  const url = requireUrl(settings);
  noteOverruled(context, url);
  const session = openSession(context, role, settings);
  const store = await session.store();
  if (store.kind === 'memory') throw notInMemory();
  await store.prepare();
  const code = await askLine('Break-glass code: ');
  if (code === '') throw new CodedError('usage', { message: 'Type the code, or give it on stdin.' });
  const { endpoint, resource } = session;
  const signIn = await redeemBreakGlass(endpoint, { code, resource, deviceName: hostname() });
  await store.put(endpoint.slot, signIn);
  await remember(context, url.value, settings);
  report(context, url.value, signIn.account, store, await openScreen(context));
  return 0;
}

function notInMemory(): CodedError {
  return new CodedError('credential_store', { message: 'In memory, the sign-in would end with this command.' });
}

/** Tokens in memory end with this command, so it only records the choice. */
async function rememberOnly(context: CommandContext, origin: string, settings: CliSettings): Promise<number> {
  await remember(context, origin, settings);
  context.stdout(
    context.json
      ? jsonLine({ controlPlane: origin, account: null, credentialStore: { kind: 'memory' } })
      : 'Sign-ins are kept in memory only: each bridge asks you to sign in when it starts.\n',
  );
  return 0;
}

function typed(setting: Setting<unknown> | undefined, flag: string): boolean {
  return setting?.setBy === flag;
}

async function remember(context: CommandContext, origin: string, settings: CliSettings): Promise<void> {
  await saveUserConfig(context.paths, {
    name: origin,
    ...(typed(settings.url, '--url') ? { url: origin } : {}),
    ...(settings.credentialStore && typed(settings.credentialStore, '--credential-store')
      ? { credentialStore: settings.credentialStore.value }
      : {}),
  });
}

function noteOverruled({ stderr }: CommandContext, url: Setting<string>): void {
  for (const flag of url.overrules)
    stderr(`${flag} is ignored: ${url.setBy} sets the control plane to ${url.value}.\n`);
}

function report(
  { json, stdout }: CommandContext,
  origin: string,
  account: Account,
  store: CredentialStore,
  screen: Screen | undefined,
): void {
  if (json) {
    stdout(jsonLine({ controlPlane: origin, account, credentialStore: { kind: store.kind, place: store.place } }));
    return;
  }
  const note =
    store.kind === 'file'
      ? `Sign-ins are kept in ${store.place}. Anyone who can read your files can use them.`
      : undefined;
  if (screen) stdout(screen.signedIn(accountName(account), origin, note));
  else stdout([`Signed in at ${origin} as ${accountName(account)}.`, ...(note ? [note] : []), ''].join('\n'));
}
