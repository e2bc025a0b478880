import { z } from 'zod';
import { ERRORS, type ErrorCode } from '#shared/errors.js';
import type { Account } from '../../accounts/account.js';
import { runAsAccount } from '../../accounts/run-as-account.js';
import { AI_APPS } from '../../apps/registry.js';
import { printable } from '../../system/printable.js';
import { CHANGES } from './configure-apps.js';

/** What came of one account. */
export interface AccountResult {
  readonly account: Account;
  readonly outcome: 'changed' | 'unchanged' | 'no-app' | 'failed';
  readonly files: readonly AccountFile[];
  /** Of the first failure. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

const LONGEST = 4_096;
const text = z.string().max(LONGEST).transform(printable);
const error = z.object({
  code: z.string().transform((code): ErrorCode => (Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'internal')),
  message: text,
});
const accountFile = z.object({
  app: z.enum(AI_APPS.map(({ id }) => id)),
  file: text,
  changed: z.boolean(),
  change: z.enum(CHANGES),
  backup: text.nullable(),
  error: error.optional(),
});
type AccountFile = z.output<typeof accountFile>;
const answer = z.union([z.object({ files: z.array(accountFile).max(1_000) }), z.object({ error })]);

/** Runs `command`, a setup that prints JSON, as the account. What it prints is the account's word, and checked as such. */
export async function setUpAccount(account: Account, command: readonly [string, ...string[]]): Promise<AccountResult> {
  const run = await runAsAccount(account, command);
  if ('failure' in run)
    return failed(account, { code: 'internal', message: `The setup gave no result: ${run.failure}.` });
  const parsed = answer.safeParse(jsonOf(run.stdout));
  if (!parsed.success) {
    const message = `The setup printed no result (exit code ${run.code}). Run mcp-sso setup as that account to see why.`;
    return failed(account, { code: 'internal', message });
  }
  if ('error' in parsed.data) return failed(account, parsed.data.error);
  const { files } = parsed.data;
  const fault = files.find((file) => file.error)?.error;
  if (fault) return { account, outcome: 'failed', files, error: fault };
  if (files.length === 0) return { account, outcome: 'no-app', files };
  return { account, outcome: files.some(({ changed }) => changed) ? 'changed' : 'unchanged', files };
}

function failed(account: Account, fault: NonNullable<AccountResult['error']>): AccountResult {
  return { account, outcome: 'failed', files: [], error: fault };
}

function jsonOf(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}
