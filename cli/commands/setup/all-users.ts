import { CodedError, ERRORS } from '#shared/errors.js';
import { listAccounts, lowestUid } from '../../accounts/list-accounts.js';
import type { HookChange, HookOptions } from '../../login-hook/hook-change.js';
import { hookFiles } from '../../login-hook/hook-files.js';
import { installHookFiles } from '../../login-hook/install-hook-files.js';
import { requireTrustedProgram } from '../../login-hook/require-trusted-program.js';
import { installRunKey } from '../../login-hook/run-key.js';
import { selfCommand } from '../../system/executable.js';
import { jsonLine } from '../command.js';
import type { CommandContext } from '../context.js';
import { setUpAccount, type AccountResult } from './account-setup.js';
import { accountFields, describeAccounts, describeHook } from './describe-accounts.js';

const HOOK_VERBS = ['setup', '--all', '--quiet'] as const;

/**
 * Sets up every account of this machine, each as that account, and the hook at login for those that come later. On Windows the
 * hook alone: nobody can be another account there without its password. Resolves to the exit code.
 */
export async function setUpAllUsers(context: CommandContext, options: HookOptions): Promise<number> {
  const { platform } = process;
  if (platform !== 'linux' && platform !== 'darwin' && platform !== 'win32') throw noSuchPlatform(platform);
  if (platform !== 'win32' && process.geteuid?.() !== 0) throw rootNeeded();
  if (platform !== 'win32' && !options.remove) await requireTrustedProgram(selfCommand());
  const hook = await installHook(platform, options);
  const accounts = platform === 'win32' ? [] : await setUpAccounts(platform, options);
  if (context.json) {
    context.stdout(
      jsonLine({ dryRun: options.dryRun, hook: hook.map(hookFields), accounts: accounts.map(accountFields) }),
    );
  } else {
    context.stdout(describeHook(hook, options) + describeAccounts(accounts, options));
    const refused = [
      ...hook.flatMap((one) => (one.refused === undefined ? [] : `The hook at login, ${one.place}: ${one.refused}`)),
      ...accounts.flatMap(({ account, error }) => (error ? `${account.name}: ${error.message}` : [])),
    ];
    context.stderr(refused.map((line) => `mcp-sso: ${line}\n`).join(''));
  }
  if (hook.some(({ refused }) => refused !== undefined)) return ERRORS.config_invalid.exit;
  const fault = accounts.find(({ error }) => error)?.error;
  return fault ? ERRORS[fault.code].exit : 0;
}

async function installHook(platform: 'linux' | 'darwin' | 'win32', options: HookOptions): Promise<HookChange[]> {
  const command = [...selfCommand(), ...HOOK_VERBS] as const;
  if (platform === 'win32') return [await installRunKey(command, options)];
  return installHookFiles(hookFiles(platform, command, await lowestUid()), options);
}

/** One after the other: one that cannot be set up keeps no other from it. */
async function setUpAccounts(
  platform: NodeJS.Platform,
  { remove, dryRun }: HookOptions,
): Promise<readonly AccountResult[]> {
  const flags = [...(remove ? ['--undo'] : []), ...(dryRun ? ['--dry-run'] : [])];
  const results: AccountResult[] = [];
  for (const account of await listAccounts(platform)) {
    results.push(await setUpAccount(account, [...selfCommand(), 'setup', '--json', ...flags]));
  }
  return results;
}

function hookFields({ place, change, refused }: HookChange): object {
  return { place, changed: change !== 'none', change, ...(refused === undefined ? {} : { error: refused }) };
}

function rootNeeded(): CodedError {
  const line = [...selfCommand(), 'setup', '--all-users'].join(' ');
  return new CodedError('usage', { message: `Only root can set up other accounts. Run: sudo ${line}` });
}

function noSuchPlatform(platform: string): CodedError {
  return new CodedError('usage', {
    message: `All users can be set up on Linux, macOS and Windows, not on ${platform}. Run mcp-sso setup as each person.`,
  });
}
