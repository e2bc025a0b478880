import { CodedError, ERRORS } from '#shared/errors.js';
import type { LoadedConfig } from '../config/settings.js';
import { checkDirectory } from './check-directory.js';
import { report } from './check.js';
import { print, type Terminal } from './terminal.js';

export interface BreakGlassOptions {
  readonly reason?: string;
  readonly minutes: string;
  readonly end: boolean;
}

const MAX_MINUTES = 60;
const MAX_REASON = 500;

/** `break-glass`: a one-time code for when the IdP is down, or with `--end` the end of all that came of one. */
export async function breakGlass(directory: string, options: BreakGlassOptions, terminal: Terminal): Promise<number> {
  const wish = options.end ? 'end' : wishOf(options);
  const verdict = await checkDirectory(directory, terminal.environment);
  if (!verdict.config) {
    print(terminal.errors, ...report(verdict, directory));
    return ERRORS.config_invalid.exit;
  }
  print(
    terminal.output,
    ...(wish === 'end' ? await ended(verdict.config) : await made(verdict.config, directory, wish)),
  );
  return 0;
}

interface Wish {
  readonly reason: string;
  readonly minutes: number;
}

function wishOf({ reason = '', minutes }: BreakGlassOptions): Wish {
  const text = reason.trim();
  if (text === '' || text.length > MAX_REASON) {
    throw new CodedError('usage', { message: 'Say why with --reason TEXT; the audit log keeps it.' });
  }
  const count = Number(minutes);
  if (!Number.isInteger(count) || count < 1 || count > MAX_MINUTES) {
    throw new CodedError('usage', { message: `--minutes: write a number from 1 to ${MAX_MINUTES}.` });
  }
  return { reason: text, minutes: count };
}

async function made(config: LoadedConfig, directory: string, { reason, minutes }: Wish): Promise<string[]> {
  const { makeBreakGlassCode } = await import('../break-glass.js');
  const code = await makeBreakGlassCode(config, reason, minutes);
  return [
    `Code: ${code}`,
    `It is good once, within 10 minutes, and signs in for ${minutes} minutes as owner. This is on record.`,
    `Use it: mcp-sso login --break-glass --url ${config.settings.publicUrl}`,
    `End it: mcp-sso-control-plane break-glass --end --config ${directory}`,
  ];
}

async function ended(config: LoadedConfig): Promise<string[]> {
  const { endBreakGlass } = await import('../break-glass.js');
  const { codes, sessions } = await endBreakGlass(config);
  if (codes + sessions === 0) return ['There was no break-glass code and no break-glass session.'];
  return [`Discarded ${counted(codes, 'code')} and ended ${counted(sessions, 'session')}.`];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
