import { parseSecretReference, resolveSecret, SecretUnreadable, type Environment } from './secret-reference.js';

const POSTGRES = /^postgres(ql)?:\/\//;

/** Where the database is: `sqlite:PATH` as it stands, or the address of a PostgreSQL, perhaps behind `env:` or `file:`. Throws SecretUnreadable. */
export async function databaseLocation(
  setting: string,
  { directory, environment }: { readonly directory: string; readonly environment: Environment },
): Promise<string> {
  const reference = parseSecretReference(setting);
  if (!reference || reference.source === 'secret') return setting;
  const address = (await resolveSecret(reference, directory, environment, { private: true })).trim();
  if (isPostgres(address)) return address;
  throw new SecretUnreadable(
    `${setting} holds no address of a PostgreSQL`,
    'write postgres://USER:PASSWORD@HOST/DATABASE there, or sqlite:PATH here',
  );
}

export function isPostgres(location: string): boolean {
  return POSTGRES.test(location);
}
