import { onTestFinished, vi } from 'vitest';
import { engineOf } from '../../storage/engine.js';
import { RecordLog } from '../record-log.js';

/**
 * Lets the test go on at another time, epoch milliseconds, for this machine and, as far as the log asks it, for PostgreSQL: there it would
 * write nothing beside a database of another time. Until the test ends; `vi.useRealTimers()` before that gives both the real time back.
 */
export function goOnAt(now: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now });
  const spy = vi
    .spyOn(RecordLog.prototype, 'databaseTime')
    .mockImplementation(async (db) => (engineOf(db) === 'postgres' ? Date.now() : undefined));
  onTestFinished(() => {
    spy.mockRestore();
    vi.useRealTimers();
  });
}
