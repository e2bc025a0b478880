import { CodedError } from '#shared/errors.js';
import { destroyStores, openStore } from '../credential-store/open-store.js';
import { signOut, type SignedOut } from '../sign-in/sign-out.js';
import { requireUrl, resolveSettings } from '../system/settings.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from './command.js';
import type { CommandContext } from './context.js';

interface LogoutOptions extends CommonOptions {
  readonly all?: boolean;
}

export function addLogout({ program, run }: Mount): void {
  program.addCommand(
    newCommand('logout', 'End your session and delete its tokens', 'mcp-sso logout')
      .option('--all', 'at every control plane; deletes the key of this computer too')
      .action((options: LogoutOptions) => run(options, (context) => logout(context, options.all ?? false))),
  );
}

async function logout(context: CommandContext, all: boolean): Promise<number> {
  const settings = await resolveSettings(context);
  const origin = all ? undefined : requireUrl(settings).value;
  let ended: SignedOut[] = [];
  try {
    const { store } = await openStore(context.paths, settings.credentialStore?.value);
    ended = await signOut(context, store, origin);
  } catch (error) {
    // What cannot be opened cannot be revoked either; --all is the way out and deletes it unopened.
    if (!all) throw error;
    context.stderr(
      'The saved sign-ins could not be opened, so their sessions end at the control plane by themselves.\n',
    );
  }
  if (all) await destroy(context);
  report(context, ended);
  return 0;
}

/** What stays behind, a key above all, must not pass for deleted. */
async function destroy({ paths }: CommandContext): Promise<void> {
  const [failure] = await destroyStores(paths);
  if (failure instanceof CodedError) throw failure;
  if (failure) throw new CodedError('credential_store', { cause: failure });
}

function report({ json, stdout, stderr }: CommandContext, ended: readonly SignedOut[]): void {
  const origins = [...new Set(ended.map(({ origin }) => origin))];
  const untold = origins.filter((origin) => ended.some((one) => one.origin === origin && !one.revoked));
  if (json) stdout(jsonLine({ signedOut: origins.map((origin) => ({ origin, revoked: !untold.includes(origin) })) }));
  else if (origins.length === 0) stdout('You were not signed in.\n');
  for (const origin of json ? [] : origins) stdout(`Signed out of ${origin}.\n`);
  for (const origin of untold) {
    stderr(`${origin} could not be told: the tokens are deleted here, and the session there runs out by itself.\n`);
  }
}
