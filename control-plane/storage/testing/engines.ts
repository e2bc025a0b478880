import { describe, inject } from 'vitest';
import type { Engine } from '../engine.js';

/** Runs a repository's tests on SQLite and on PostgreSQL. */
export function onEachEngine(tests: (engine: Engine) => void): void {
  describe('on SQLite', () => {
    tests('sqlite');
  });
  onPostgres(() => tests('postgres'));
}

/** Runs tests on PostgreSQL. Where there is none they are skipped by name; in CI the whole run fails instead. */
export function onPostgres(tests: () => void): void {
  describe.skipIf(inject('postgresUrl') === null)('on PostgreSQL', () => {
    tests();
  });
}
