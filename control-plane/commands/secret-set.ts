import { CodedError, ERRORS } from '#shared/errors.js';
import type { LoadedConfig } from '../config/settings.js';
import { checkDirectory } from './check-directory.js';
import { report } from './check.js';
import { expiryTime } from './expiry-time.js';
import { readSecret } from './read-secret.js';
import { print, type Terminal } from './terminal.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

interface SecretSetOptions {
  readonly directory: string;
  /** As on the command line: `90d`, `12h` or a date. */
  readonly expires?: string;
}

/** `secret set NAME`: a new version in the encrypted store, on record before and after. */
export async function secretSet(
  name: string,
  { directory, expires }: SecretSetOptions,
  terminal: Terminal,
): Promise<number> {
  if (!NAME.test(name)) {
    throw new CodedError('usage', { message: 'A secret’s name has up to 64 lower-case letters, digits and dashes.' });
  }
  const expiresAt = expires === undefined ? null : expiryTime(expires, Date.now());
  const verdict = await checkDirectory(directory, terminal.environment);
  if (!verdict.config) {
    print(terminal.errors, ...report(verdict, directory));
    return ERRORS.config_invalid.exit;
  }
  const value = await readSecret(name, terminal);
  const { storeSecret } = await import('../store-secret.js');
  const { version } = await storeSecret(verdict.config, name, value, expiresAt);
  print(terminal.output, `Stored version ${version} of ${name}.`, ...hint(name, verdict.config));
  return 0;
}

function hint(name: string, { settings }: LoadedConfig): string[] {
  const reference = `secret:${name}`;
  const used = JSON.stringify(settings).includes(JSON.stringify(reference));
  return used ? [] : [`Nothing uses it yet: write ${reference} where a server’s credential names its secret.`];
}
