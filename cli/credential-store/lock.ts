import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '#shared/errors.js';

const POLL_MIN = 25;
const POLL_SPREAD = 50;
const SQLITE_BUSY = 5;

/** A lock between processes that the kernel gives back when its holder dies, however it dies. */
export interface Lock {
  release(): void;
}

/** Takes the lock if nobody holds it. The file is only ever a lock: it never holds data. */
export async function tryLock(file: string): Promise<Lock | undefined> {
  const { DatabaseSync: Database } = await import('node:sqlite');
  const database = openLockFile(Database, file);
  try {
    // Nothing is ever written, so no journal needs to reach the disk.
    database.exec('PRAGMA journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw unusable(file, error);
  }
}

/** Runs `task` while no other process (or caller) holds `file`. Throws CodedError credential_store after `deadline` ms of waiting. */
export async function withLock<T>(file: string, deadline: number, task: () => Promise<T>): Promise<T> {
  const end = performance.now() + deadline;
  for (;;) {
    const lock = await tryLock(file);
    if (lock) {
      try {
        return await task();
      } finally {
        lock.release();
      }
    }
    if (performance.now() >= end) {
      throw new CodedError('credential_store', {
        message: `Another mcp-sso process has held ${file} for too long. End it, then try again.`,
      });
    }
    await delay(POLL_MIN + Math.random() * POLL_SPREAD);
  }
}

function openLockFile(Database: typeof DatabaseSync, file: string): DatabaseSync {
  try {
    makeLockFile(file);
    return new Database(file, { timeout: 0 });
  } catch (error) {
    throw unusable(file, error);
  }
}

/**
 * SQLite would make it readable by everyone. Never opens a file that is there, and closes what it made before anyone can
 * lock it: closing any descriptor of a file gives up all locks that this process has on it (POSIX fcntl).
 */
function makeLockFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function isBusy(error: unknown): boolean {
  // Extended result codes (SQLITE_BUSY_RECOVERY …) carry the primary code in their low byte.
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY;
}

function unusable(file: string, cause: unknown): CodedError {
  return new CodedError('credential_store', {
    message: `${file} cannot be used as a lock. Check who owns the folder and whether the disk is full.`,
    cause,
  });
}
