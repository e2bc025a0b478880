import { formatHeader } from '#shared/audit-log/record-header.js';
import { leafHash, type CompactRange } from '#shared/audit-log/merkle-tree.js';
import type { Kysely } from 'kysely';
import { databaseClock } from '../storage/database-clock.js';
import { makePartitionsAhead } from '../storage/payload-partitions.js';
import { writeTransaction } from '../storage/write-transaction.js';
import type { Database } from '../storage/schema.js';
import type { StorageService } from '../storage/storage.service.js';
import type { DraftRecord } from './draft-record.js';
import { LogSigner } from './log/log-signer.js';
import { checkAgainstNote, lastTime, restoreRange, tampered } from './restore-log.js';
import { insertIndex } from './rows/index-rows.js';
import { insertNodes } from './rows/node-rows.js';
import { insertPayloads } from './rows/payload-rows.js';
import { insertSets } from './rows/set-rows.js';
import type { PlacedRecord, WriteRows } from './rows/placed-record.js';
import { insertRecords } from './rows/record-rows.js';
import { findSigningKey, generateSigningKey, signingKeyRow, type SigningKey } from './signing-key.js';
import { SubjectKeys } from './subject-keys.js';
import { appendLeaf } from './tree/append-leaf.js';
import { clockFault, refuseWrongClock } from './true-time.js';

/** All that one record becomes, written in one transaction, in this order. */
const ROWS: readonly WriteRows[] = [insertRecords, insertNodes, insertIndex, insertSets, insertPayloads];

interface State {
  readonly range: CompactRange;
  readonly lastTime: number;
  /** The signed note over the range. */
  readonly checkpoint: string;
}

/** The append-only log: the database's rows, and in memory the edge of the Merkle tree over them. */
export class RecordLog {
  readonly #keys: SubjectKeys;

  private constructor(
    private readonly storage: StorageService,
    private readonly kid: string,
    readonly signer: LogSigner,
    private state: State,
  ) {
    this.#keys = new SubjectKeys(storage);
  }

  /**
   * Opens the log and checks it against its last checkpoint. `origin` is its name in checkpoints, `now` epoch
   * milliseconds. Throws `audit_unavailable` where the stored log is not what was signed, `config_invalid` where `now`
   * is no true time.
   */
  static async open(storage: StorageService, origin: string, now: number): Promise<RecordLog> {
    const database = await databaseClock(storage.db)?.read();
    // Where it fails, the default partition takes what comes, and the sweep tries again.
    await makePartitionsAhead(storage.db, now).catch(() => undefined);
    // A long log takes seconds to read: others may append meanwhile.
    const read = await restoreRange(storage.db);
    return writeTransaction(storage.db, 'audit-log', async (db) => {
      const range = await restoreRange(db, read);
      const key = (await findSigningKey(db, storage)) ?? (await createLog(db, storage, range, origin, now));
      const signer = new LogSigner(origin, key.privateKey);
      checkAgainstNote(range, await storedNote(db, key.kid), signer);
      const newest = await lastTime(db);
      refuseWrongClock([now], { newest, database });
      const state = { range, lastTime: newest, checkpoint: signer.checkpoint(range) };
      return new RecordLog(storage, key.kid, signer, state);
    });
  }

  /** Number of records. */
  get size(): number {
    return this.state.range.size;
  }

  get checkpoint(): string {
    return this.state.checkpoint;
  }

  /** Why a record of `now`, epoch milliseconds, would be refused; undefined where its time is true. Rejects where the database's clock cannot be read. */
  async clockFault(now: number): Promise<string | undefined> {
    const database = await this.databaseTime(this.storage.db);
    return clockFault([now], { newest: this.state.lastTime, database });
  }

  /** By PostgreSQL's clock, in epoch milliseconds; SQLite has none. */
  async databaseTime(db: Kysely<Database>): Promise<number | undefined> {
    return databaseClock(db)?.read();
  }

  /**
   * Appends in one transaction; resolves when it is on disk. One call at a time. Throws `config_invalid` where the drafts
   * are minutes away from what is known of the time: this machine's clock is wrong, and their times would not be true.
   */
  async append(drafts: readonly DraftRecord[]): Promise<void> {
    this.state = await writeTransaction(this.storage.db, 'audit-log', async (db) => {
      await this.#catchUp(db);
      const known = { newest: this.state.lastTime, database: await this.databaseTime(db) };
      refuseWrongClock(
        drafts.map(({ header }) => header.ts),
        known,
      );
      return this.#appendTo(db, drafts);
    });
  }

  /** Another control plane, or a command of the operator, may have written since; its checkpoint proves that it was one of ours. */
  async #catchUp(db: Kysely<Database>): Promise<void> {
    const range = await restoreRange(db, this.state.range.clone());
    if (range.size === this.state.range.size) return;
    checkAgainstNote(range, await storedNote(db, this.kid), this.signer);
    this.state = { range, lastTime: await lastTime(db), checkpoint: this.signer.checkpoint(range) };
  }

  async #appendTo(db: Kysely<Database>, drafts: readonly DraftRecord[]): Promise<State> {
    const range = this.state.range.clone();
    let time = this.state.lastTime;
    const placed = drafts.map((draft): PlacedRecord => {
      time = Math.max(time, draft.header.ts);
      const header = formatHeader({ ...draft.header, ts: time });
      const leaf = leafHash(header);
      const idx = range.size;
      return { draft, idx, ts: time, header, leaf, nodes: appendLeaf(range, leaf) };
    });
    const checkpoint = this.signer.checkpoint(range);
    const keys = await this.#keys.ensure(db, new Set(drafts.map(({ subject }) => subject)), placed[0]?.ts ?? 0);
    for (const write of ROWS) await write(db, placed, keys);
    await storeCheckpoint(db, this.kid, range.size, checkpoint, this.state.range.size);
    return { range, lastTime: time, checkpoint };
  }
}

/** Key and first checkpoint come together: from then on a log without a checkpoint is one that was changed. */
async function createLog(
  db: Kysely<Database>,
  storage: StorageService,
  range: CompactRange,
  origin: string,
  now: number,
): Promise<SigningKey> {
  if (range.size > 0) throw tampered('its signing key is missing');
  const key = await generateSigningKey();
  const note = new LogSigner(origin, key.privateKey).checkpoint(range);
  await db
    .insertInto('signing_keys')
    .values(signingKeyRow(storage, key, now))
    .execute();
  await storeCheckpoint(db, key.kid, range.size, note);
  return key;
}

async function storedNote(db: Kysely<Database>, kid: string): Promise<string | undefined> {
  const stored = await db.selectFrom('audit_checkpoints').select('note').where('kid', '=', kid).executeTakeFirst();
  return stored?.note;
}

/** `before`: the size that the stored checkpoint must have; another one was put there from outside, by a restored backup for one. */
async function storeCheckpoint(
  db: Kysely<Database>,
  kid: string,
  size: number,
  note: string,
  before = size,
): Promise<void> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('audit_checkpoints')
    .values({ kid, size, note })
    .onConflict((row) => row.column('kid').doUpdateSet({ size, note }).where('audit_checkpoints.size', '=', before))
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) throw tampered(`its checkpoint is not over ${before} records`);
}
