import type { Kysely } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { CodedError } from '#shared/errors.js';
import type { Notifications } from '../storage/notifications/notifications.js';
import type { Database } from '../storage/schema.js';
import type { StorageService } from '../storage/storage.service.js';
import { hashContent } from './content.js';
import { revisionOf, type Revision } from './revision.js';

type Source = 'files' | 'api';

/** What is known of a revision without opening it. */
export interface RevisionFacts {
  readonly number: number;
  readonly parent: number | null;
  readonly sha256: string;
  readonly source: Source;
  /** A person's id, or `system` for files. */
  readonly author: string;
  /** Why, in its author's words; null where none were given. */
  readonly message: string | null;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** Which revision every control plane serves. */
export interface Pointer {
  readonly number: number;
  /** Of that revision; null where its row is gone. */
  readonly sha256: string | null;
  /** Of the directory that was applied last; null once the API has changed something. */
  readonly appliedSha256: string | null;
  readonly activatedAt: number;
}

export interface NewRevision extends Omit<RevisionFacts, 'createdAt' | 'sha256' | 'message'> {
  readonly message?: string;
  /** As `formatContent` wrote it. */
  readonly text: string;
}

const PURPOSE = 'catalog';
const FACTS = ['number', 'parent', 'sha256', 'source', 'author', 'message', 'created_at'] as const;

/** Revisions and the pointer to the active one. The pointer moves only from the parent that its mover has seen. */
export class RevisionStore {
  constructor(
    private readonly storage: Pick<StorageService, 'db' | 'seal' | 'open'>,
    private readonly notifications: Notifications,
  ) {}

  /** Undefined before the first revision. */
  async pointer(): Promise<Pointer | undefined> {
    const row = await this.storage.db
      .selectFrom('catalog_active as active')
      .leftJoin('catalog_revisions as revision', 'revision.number', 'active.number')
      .select(['active.number', 'active.applied_sha256', 'active.activated_at', 'revision.sha256'])
      .where('active.id', '=', 'active')
      .executeTakeFirst();
    if (!row) return undefined;
    const { number, sha256, applied_sha256: appliedSha256, activated_at: activatedAt } = row;
    return { number, sha256, appliedSha256, activatedAt };
  }

  /** The number that the next new revision will have. */
  async nextNumber(): Promise<number> {
    const [newest] = await this.list({ limit: 1 });
    const pointer = await this.pointer();
    return Math.max(newest?.number ?? 0, pointer?.number ?? 0) + 1;
  }

  /** Newest first, below `before`. */
  async list({ before, limit }: { readonly before?: number; readonly limit: number }): Promise<RevisionFacts[]> {
    let query = this.storage.db.selectFrom('catalog_revisions').select(FACTS).orderBy('number', 'desc').limit(limit);
    if (before !== undefined) query = query.where('number', '<', before);
    return (await query.execute()).map(({ number, parent, sha256, source, author, message, created_at: createdAt }) => {
      return { number, parent, sha256, source: source as Source, author, message, createdAt };
    });
  }

  async facts(number: number): Promise<RevisionFacts | undefined> {
    const [found] = await this.list({ before: number + 1, limit: 1 });
    return found?.number === number ? found : undefined;
  }

  /**
   * The stored revision, ready to be opened; undefined where there is none. Opening throws where the row was edited,
   * swapped, or sealed under another master key.
   */
  async find(number: number): Promise<(() => Revision) | undefined> {
    const row = await this.storage.db
      .selectFrom('catalog_revisions')
      .select(['sealed', 'sha256'])
      .where('number', '=', number)
      .executeTakeFirst();
    return row && (() => this.#open(number, row));
  }

  /** Stores a revision and makes it the active one. Throws `catalog_stale` where another one became active. */
  async add(revision: NewRevision): Promise<void> {
    const { text, number, parent, source, author, message = null } = revision;
    const sha256 = hashContent(text);
    const sealed = this.storage.seal(PURPOSE, boundTo(number), Buffer.from(text));
    const row = { number, parent, sha256, source, author, message, sealed, created_at: Date.now() };
    await this.#publish(number, async (transaction) => {
      await move(transaction, { number, parent, applied: source === 'files' ? sha256 : null });
      await transaction.insertInto('catalog_revisions').values(row).execute();
    });
  }

  /** Makes an older revision the active one again. Throws `catalog_stale`. */
  async point(number: number, parent: number): Promise<void> {
    await this.#publish(number, (transaction) => move(transaction, { number, parent, applied: null }));
  }

  #publish(number: number, work: (transaction: Kysely<Database>) => Promise<void>): Promise<void> {
    return this.notifications.publish({ topic: 'catalog', id: String(number) }, work);
  }

  #open(number: number, { sealed, sha256 }: { sealed: Buffer; sha256: string }): Revision {
    const revision = revisionOf(number, this.storage.open(PURPOSE, boundTo(number), sealed).toString());
    if (revision.sha256 !== sha256) throw new Error('the revision is not the one that was stored');
    return revision;
  }
}

interface Move {
  readonly number: number;
  readonly parent: number | null;
  readonly applied: string | null;
}

/** Compare and set in one statement, on record as an activation, so that a leader that lost its lock can do no harm. */
async function move(db: Kysely<Database>, { number, parent, applied }: Move): Promise<void> {
  const values = { number, applied_sha256: applied, activated_at: Date.now() };
  const moved =
    parent === null
      ? await db
          .insertInto('catalog_active')
          .values({ id: 'active', ...values })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst()
          .then(({ numInsertedOrUpdatedRows }) => numInsertedOrUpdatedRows)
      : await db
          .updateTable('catalog_active')
          .set(values)
          .where('id', '=', 'active')
          .where('number', '=', parent)
          .executeTakeFirst()
          .then(({ numUpdatedRows }) => numUpdatedRows);
  if (moved !== 1n) throw new CodedError('catalog_stale');
  const activation = { id: uuidv7(), number, activated_at: values.activated_at };
  await db.insertInto('catalog_activations').values(activation).execute();
}

function boundTo(number: number): string {
  return `catalog/revisions/${number}`;
}
