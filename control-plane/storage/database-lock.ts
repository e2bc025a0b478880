import { resolve } from 'node:path';
import SQLite from 'better-sqlite3';
import { CodedError, errorText } from '#shared/errors.js';
import { makeFolder } from './database-folder.js';
import { unwritable } from './unwritable.js';

/**
 * Makes this process the only server on an SQLite database: two would each remember only their own DPoP proofs and live
 * sessions. The kernel drops the lock with the process, however it ends.
 * @throws CodedError config_invalid where another process holds it.
 */
export function lockDatabase(location: string, directory: string): Disposable {
  const file = resolve(directory, location.slice('sqlite:'.length));
  const path = `${file}.lock`;
  try {
    makeFolder(path);
    const lock = new SQLite(path, { timeout: 0 });
    try {
      lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      lock.close();
      throw error;
    }
    return { [Symbol.dispose]: () => void lock.close() };
  } catch (cause) {
    throw unwritable(cause, file) ?? new CodedError('config_invalid', { message: refusal(path, cause), cause });
  }
}

function refusal(path: string, cause: unknown): string {
  if (cause instanceof SQLite.SqliteError && cause.code === 'SQLITE_BUSY') {
    return 'Another mcp-sso-control-plane is running on this database. Stop it first, then run this again.';
  }
  return `The lock ${path} cannot be taken (${errorText(cause)}). Check that the folder exists and is writable.`;
}
