import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { median } from '../table/pairs.js';

const COMMITS = 300;

/** Milliseconds (median) of one durable commit on this disk: one row into SQLite, WAL, synchronous=FULL. */
export async function measureCommit(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-commit-'));
  const database = new SQLite(join(folder, 'commit.db'));
  try {
    database.pragma('journal_mode=WAL');
    database.pragma('synchronous=FULL');
    database.exec('CREATE TABLE rows (text TEXT)');
    const insert = database.prepare('INSERT INTO rows VALUES (?)');
    const times = Array.from({ length: COMMITS }, () => {
      const began = performance.now();
      insert.run('x'.repeat(600));
      return performance.now() - began;
    });
    return median(times);
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
