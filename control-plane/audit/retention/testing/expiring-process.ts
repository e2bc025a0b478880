import { openDatabase } from '../../../storage/open-database.js';
import { StorageService } from '../../../storage/storage.service.js';
import { RecordLog } from '../../record-log.js';
import { draftRecord } from '../../draft-record.js';
import type { AuditWriter } from '../../record.js';
import { expireMonth } from '../expire-month.js';
import type { MonthOfKind } from '../due-months.js';

/** What the process is told by its one argument, as JSON. */
export interface ExpiringProcessInput {
  readonly location: string;
  readonly directory: string;
  readonly months: readonly MonthOfKind[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Lets these months expire, on a database of another process, which kills it in the middle. */
async function expire({ location, directory, months, now }: ExpiringProcessInput): Promise<void> {
  const storage = new StorageService(await openDatabase(location, directory), Buffer.alloc(32, 7));
  const records = await RecordLog.open(storage, 'mcp.acme.example/audit', Date.now());
  const audit: AuditWriter = {
    write: async (record) => {
      const draft = draftRecord(record, Date.now());
      await records.append([draft]);
      return { id: draft.header.id };
    },
  };
  const { signal } = new AbortController();
  for (const month of months) await expireMonth({ storage, audit, signal }, month, now);
  await storage.onApplicationShutdown();
}

void expire(JSON.parse(process.argv[2] ?? '') as ExpiringProcessInput);
