import { AI_APPS } from '../../apps/registry.js';
import type { HookChange, HookOptions } from '../../login-hook/hook-change.js';
import { printable } from '../../system/printable.js';
import type { AccountResult } from './account-setup.js';

/** The hook at login, for a person. What was refused is said elsewhere. */
export function describeHook(changes: readonly HookChange[], { dryRun }: HookOptions): string {
  return changes
    .filter(({ refused }) => refused === undefined)
    .map(
      ({ place, change }) =>
        `Hook at login, ${place}: ${change === 'none' ? 'nothing to change' : verb(change, dryRun)}\n`,
    )
    .join('');
}

/** A line for each account, and one for each file of it that changes. */
export function describeAccounts(results: readonly AccountResult[], { remove, dryRun }: HookOptions): string {
  if (process.platform === 'win32') return remove ? WINDOWS_REMOVED : WINDOWS;
  if (results.length === 0)
    return 'No account of a person was found here. The hook at login sets up those that come.\n';
  const lines = results.flatMap((result) => [headOf(result, dryRun), ...filesOf(result, dryRun)]);
  return `${lines.join('\n')}\n`;
}

const WINDOWS = 'Each account is set up when it next logs on. Nothing was changed in the accounts themselves.\n';
const WINDOWS_REMOVED =
  'New accounts are not set up any more. Where it was set up already, run as that person: mcp-sso setup --remove\n';

function headOf({ account, outcome }: AccountResult, dryRun: boolean): string {
  const words: Record<AccountResult['outcome'], string> = {
    changed: dryRun ? 'would change' : 'changed; restart the apps to load it',
    unchanged: 'nothing to change',
    'no-app': 'no AI app was found',
    failed: 'not, or not all, done',
  };
  return `${printable(account.name)}: ${words[outcome]}`;
}

function filesOf({ files }: AccountResult, dryRun: boolean): string[] {
  return files
    .filter(({ change }) => change !== 'none')
    .map(({ app, file, change }) => `  ${titleOf(app)}, ${file}: ${verb(change, dryRun)}`);
}

function titleOf(app: string): string {
  return AI_APPS.find(({ id }) => id === app)?.title ?? app;
}

function verb(change: string, dryRun: boolean): string {
  return dryRun ? `would be ${change}` : change;
}

/** One account in the JSON document. */
export function accountFields({ account, outcome, files, error }: AccountResult): object {
  const { name, uid, home } = account;
  return { account: name, uid, home, outcome, files, ...(error ? { error } : {}) };
}
