import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CodedError } from '#shared/errors.js';

/** Policy of the machine: only administrators write below this key. The value is managed.json as one line (REG_SZ). */
export const WINDOWS_POLICY = { key: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\mcp-sso', value: 'Settings' } as const;

/** Starts reg.exe. Resolves to what it prints; rejects where it fails. */
export type QueryRegistry = (args: readonly string[]) => Promise<string>;

/** The text of the policy; undefined where there is none. Throws CodedError config_invalid: what cannot be read is not absent. */
export async function readPolicyValue(query: QueryRegistry = runReg): Promise<string | undefined> {
  const { key, value } = WINDOWS_POLICY;
  let printed: string;
  try {
    // The 64-bit view, whatever this process is: there is where policies are written.
    printed = await query(['query', key, '/v', value, '/reg:64']);
  } catch (error) {
    // Of `reg query`: no such key or value.
    if ((error as { code?: unknown }).code === 1) return undefined;
    throw unreadable(error);
  }
  const rows = printed.split(/\r?\n/).flatMap((row) => /^ {4}Settings {4}REG_SZ {4}(.*)$/i.exec(row)?.[1] ?? []);
  if (rows.length !== 1) throw unreadable();
  return rows[0];
}

function unreadable(cause?: unknown): CodedError {
  const place = `${WINDOWS_POLICY.key}\\${WINDOWS_POLICY.value}`;
  return new CodedError('config_invalid', {
    message: `${place} cannot be read; it must be one line of text (REG_SZ). Tell your administrator.`,
    cause,
  });
}

async function runReg(args: readonly string[]): Promise<string> {
  const program = join('C:\\Windows', 'System32', 'reg.exe');
  return (await promisify(execFile)(program, args, { timeout: 10_000, windowsHide: true })).stdout;
}
