import { draftRecord } from '../../control-plane/audit/draft-record.js';
import { RecordLog } from '../../control-plane/audit/record-log.js';
import { intent } from '../../control-plane/audit/testing/records.js';
import { GroupCommit } from '../../control-plane/storage/group-commit.js';
import { openDatabase } from '../../control-plane/storage/open-database.js';
import { StorageService } from '../../control-plane/storage/storage.service.js';

// One control plane's audit, without the rest of it: so many callers, each waiting for its record before the next.
const [location = '', directory = '', callers = '', milliseconds = ''] = process.argv.slice(2);

const storage = new StorageService(await openDatabase(location, directory), Buffer.alloc(32, 7));
const log = await RecordLog.open(storage, 'mcp.acme.example/audit', Date.now());
const commits = new GroupCommit(
  async (drafts: readonly ReturnType<typeof draftRecord>[]) => {
    await log.append(drafts);
    return drafts.map(({ header }) => header.id);
  },
  { queue: 10_000, batch: 500, wait: 10_000 },
);

process.send?.('ready');
await new Promise((resolve) => process.once('message', resolve));
const end = Date.now() + Number(milliseconds);
let written = 0;
await Promise.all(
  Array.from({ length: Number(callers) }, async () => {
    while (Date.now() < end) {
      await commits.add(draftRecord(intent(), Date.now()));
      written += 1;
    }
  }),
);
process.send?.(written);
await commits.close();
await storage.onApplicationShutdown();
process.disconnect?.();
