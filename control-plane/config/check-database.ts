import { access, constants } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { isLoopback } from './address.js';
import { databaseLocation, isPostgres } from './database-location.js';
import { SecretUnreadable } from './secret-reference.js';
import type { LoadedConfig } from './settings.js';
import type { Surroundings } from './surroundings.js';

interface Objection {
  readonly message: string;
  readonly fix: string;
}

/** What an address may say of the connection; the rest is ours to say. */
const FILES = ['sslrootcert', 'sslcert', 'sslkey'];
const PARAMETERS: ReadonlySet<string> = new Set(['host', 'sslmode', ...FILES]);
/** `require` and its like mean less elsewhere than they do here. */
const SSL_MODES: ReadonlySet<string> = new Set(['disable', 'verify-full']);

/** What is wrong with `database`; never repeats the address, which may hold a password. */
export async function databaseObjection(database: string, around: Surroundings): Promise<Objection | undefined> {
  try {
    const location = await databaseLocation(database, around);
    return isPostgres(location) ? addressObjection(location) : undefined;
  } catch (error) {
    if (error instanceof SecretUnreadable) return { message: error.message, fix: error.fix };
    throw error;
  }
}

async function addressObjection(address: string): Promise<Objection | undefined> {
  const url = URL.parse(address);
  if (!url) {
    return {
      message: 'not the address of a PostgreSQL',
      fix: 'write postgres://USER:PASSWORD@HOST/DATABASE; a special character in the password becomes %XX',
    };
  }
  if (url.pathname.length < 2) return { message: 'the address names no database', fix: 'write it behind the host' };
  const strange = [...url.searchParams.keys()].find((name) => !PARAMETERS.has(name));
  if (strange !== undefined) {
    const known = [...PARAMETERS].join(', ');
    return { message: `the address sets ${strange}`, fix: `remove it; an address may set ${known}` };
  }
  const mode = url.searchParams.get('sslmode');
  if (mode !== null && !SSL_MODES.has(mode)) {
    return { message: `sslmode=${mode} is not supported`, fix: 'write sslmode=verify-full, with sslrootcert=FILE' };
  }
  return fileObjection(url.searchParams);
}

async function fileObjection(parameters: URLSearchParams): Promise<Objection | undefined> {
  for (const name of FILES) {
    const path = parameters.get(name);
    if (path === null || (isAbsolute(path) && (await isReadable(path)))) continue;
    return {
      message: `the file of ${name} cannot be read`,
      fix: 'write the whole path of a file that this user may read',
    };
  }
  return undefined;
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

/** What is allowed but deserves a sentence. Throws SecretUnreadable. */
export async function databaseWarnings(config: LoadedConfig): Promise<string[]> {
  const location = await databaseLocation(config.settings.database, config);
  const url = isPostgres(location) ? URL.parse(location) : null;
  if (!url) return [];
  const written = location === config.settings.database && url.password !== '';
  return [
    ...(written
      ? ['database: a password stands in mcp-sso.yaml; move the whole address to env:NAME or file:PATH']
      : []),
    ...(isPrivate(url) ? [] : ['database: the connection is not encrypted; add sslmode=verify-full to the address']),
  ];
}

/** On the same machine, or under TLS. */
function isPrivate(url: URL): boolean {
  if (url.searchParams.get('sslmode') === 'verify-full') return true;
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  const address = URL.parse(`http://${host}`);
  return host === '' || host.startsWith('/') || (address !== null && isLoopback(address));
}
