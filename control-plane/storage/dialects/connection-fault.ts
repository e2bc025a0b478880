import { errorText } from '#shared/errors.js';

/** By code: of the system (errno), of TLS, and of PostgreSQL (SQLSTATE). */
const CAUSES: readonly (readonly [codes: RegExp, sentence: string])[] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'its host name is unknown. Correct the address, or the name service of this machine.'],
  [
    /^(ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ENOENT)$/,
    'nothing answers there. Check that it runs, and that address and port are right.',
  ],
  [/^28(000|P01)$/, 'it refuses the user or the password. Correct them in the address, or the server’s pg_hba.conf.'],
  [/^3D000$/, 'the server has no database of that name. Create it, or correct the address.'],
  [/^53300$/, 'it has no connection left. Raise its max_connections; each control plane takes up to 11.'],
  [/^57P03$/, 'it is starting or stopping. Try again in a moment.'],
  [
    /CERT|^ERR_(TLS|SSL)|SELF_SIGNED|^UNABLE_TO/,
    'its TLS certificate is not trusted. Name its authority with sslrootcert=FILE, or correct its name or date.',
  ],
];

/** Why a connection could not be made, and what to do: never the address, which holds a password. */
export function connectionFault(error: unknown): string {
  const codes = codesOf(error);
  const known = CAUSES.find(([pattern]) => codes.some((code) => pattern.test(code)));
  return known ? known[1] : `${errorText(error)}. Check the server and the address.`;
}

/** Where a name has several addresses, each fails for a reason of its own. */
function codesOf(error: unknown): string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(codesOf);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? [error.code] : [];
}
