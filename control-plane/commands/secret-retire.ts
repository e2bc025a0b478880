import { CodedError, ERRORS } from '#shared/errors.js';
import { checkDirectory } from './check-directory.js';
import { report } from './check.js';
import { print, type Terminal } from './terminal.js';

interface SecretRetireOptions {
  readonly directory: string;
  readonly version?: string;
}

/** `secret retire NAME`: the secret, or one version of it, is used no more. On record before and after. */
export async function secretRetire(
  name: string,
  { directory, version }: SecretRetireOptions,
  terminal: Terminal,
): Promise<number> {
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version)) {
    throw new CodedError('usage', { message: '--version: write the number that secret list shows.' });
  }
  const verdict = await checkDirectory(directory, terminal.environment);
  if (!verdict.config) {
    print(terminal.errors, ...report(verdict, directory));
    return ERRORS.config_invalid.exit;
  }
  const { retireStoredSecret } = await import('../stored-secrets.js');
  const number = version === undefined ? undefined : Number(version);
  const versions = await retireStoredSecret(verdict.config, name, number);
  print(terminal.output, retired(name, versions));
  return 0;
}

function retired(name: string, versions: readonly number[]): string {
  if (versions.length === 0) return 'Nothing to do: that was retired before.';
  const which = versions.length === 1 ? `Version ${versions[0]}` : `Versions ${versions.join(', ')}`;
  return `${which} of ${name} will not be used any more; running control planes follow within 30 seconds.`;
}
