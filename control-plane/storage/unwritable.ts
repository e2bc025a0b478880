import { CodedError } from '#shared/errors.js';

const READ_ONLY = 'its disk is read-only. Make it writable, then start again.';
const FOREIGN =
  'this user may not write there. Give the file and its folder to the user that runs mcp-sso-control-plane.';
const NOT_OWNED = 'its role may not write there. Make the role the owner of the schema and of its tables.';
const FULL = 'its disk is full. Make room, then start again.';
const NO_WRITES =
  'the server takes no writes. Name the primary server, or switch its default_transaction_read_only off.';
const FAILING = 'its disk reports an error. Look into the system’s log; the disk may be failing, full or read-only.';

/** By code: of the system (errno), of SQLite, and of PostgreSQL (SQLSTATE). */
const CAUSES: readonly (readonly [codes: RegExp, sentence: string])[] = [
  [/^(EROFS|SQLITE_READONLY.*)$/, READ_ONLY],
  [/^(EACCES|EPERM|SQLITE_PERM|SQLITE_CANTOPEN.*)$/, FOREIGN],
  [/^42501$/, NOT_OWNED],
  [/^(ENOSPC|EDQUOT|SQLITE_FULL|53100)$/, FULL],
  [/^25006$/, NO_WRITES],
  [/^(EIO|SQLITE_IOERR.*|58030)$/, FAILING],
];
const MAX_DEPTH = 5;

/**
 * A refusal that says why `database` (a path or an address without password) takes no writes; undefined where the error
 * has another cause.
 */
export function unwritable(error: unknown, database: string): CodedError | undefined {
  const codes = codesOf(error);
  const cause = CAUSES.find(([pattern]) => codes.some((code) => pattern.test(code)));
  if (!cause) return undefined;
  return new CodedError('config_invalid', {
    message: `The database ${database} cannot be written: ${cause[1]}`,
    cause: error,
  });
}

function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  let link = error;
  for (let depth = 0; link instanceof Error && depth < MAX_DEPTH; depth += 1) {
    if ('code' in link && typeof link.code === 'string') codes.push(link.code);
    link = link.cause;
  }
  return codes;
}
