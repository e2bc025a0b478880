import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HookChange, HookOptions } from './hook-change.js';
import type { HookCommand } from './hook-files.js';

const KEY = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run';
const VALUE = 'mcp-sso-setup';
/** Of a Run value (Microsoft, “Run and RunOnce Registry Keys”). */
const LENGTH_LIMIT = 260;

/** Starts reg.exe. Resolves to what it prints; rejects where it fails. */
export type Reg = (args: readonly string[]) => Promise<string>;

/** Sets or removes the value of the registry that Windows starts whenever someone logs on. */
export async function installRunKey(
  command: HookCommand,
  { remove, dryRun }: HookOptions,
  reg: Reg = runReg,
): Promise<HookChange> {
  const place = `${KEY}\\${VALUE}`;
  const line = runKeyLine(command);
  const before = await reg(['query', KEY, '/v', VALUE]).catch(() => undefined);
  const same = before?.split(/\r?\n/).some((row) => row.trimEnd().endsWith(`REG_SZ    ${line}`)) ?? false;
  if (remove ? before === undefined : same) return { place, change: 'none' };
  if (!remove && line.length > LENGTH_LIMIT) {
    const refused = `Windows starts nothing from there that is longer than ${LENGTH_LIMIT} characters. Install mcp-sso under a shorter path.`;
    return { place, change: 'none', refused };
  }
  const change = remove ? 'removed' : before === undefined ? 'added' : 'corrected';
  if (dryRun) return { place, change };
  const args = remove
    ? ['delete', KEY, '/v', VALUE, '/f']
    : ['add', KEY, '/v', VALUE, '/t', 'REG_SZ', '/d', line, '/f'];
  try {
    await reg(args);
    return { place, change };
  } catch {
    const refused = 'The registry did not take the change. Run this as SYSTEM or from an elevated prompt.';
    return { place, change: 'none', refused };
  }
}

/** The command line as Windows splits it: the program in quotes, since its path may have spaces. */
export function runKeyLine([program, ...args]: HookCommand): string {
  return [`"${program}"`, ...args].join(' ');
}

async function runReg(args: readonly string[]): Promise<string> {
  const program = join('C:\\Windows', 'System32', 'reg.exe');
  return (await promisify(execFile)(program, args, { timeout: 10_000, windowsHide: true })).stdout;
}
