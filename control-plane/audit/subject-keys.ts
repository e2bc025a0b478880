import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database } from '../storage/schema.js';
import type { StorageService } from '../storage/storage.service.js';

const PURPOSE = 'audit-subject-keys';
const NOTHING = Buffer.alloc(0);

export interface SubjectKey {
  /** Null where the subject was erased: what was sealed under it opens no more. */
  readonly key: Buffer | null;
  /** Epoch milliseconds: no record of the subject is older. */
  readonly createdAt: number;
}

/**
 * One 32-byte key per subject, sealed under the master key. They are read from the database every time: a key that
 * was erased must not live on in memory.
 */
export class SubjectKeys {
  constructor(private readonly storage: StorageService) {}

  /** The keys of those subjects that have one, or had. */
  async find(db: Kysely<Database>, subjects: readonly string[]): Promise<Map<string, SubjectKey>> {
    if (subjects.length === 0) return new Map();
    const rows = await db.selectFrom('audit_subject_keys').selectAll().where('subject', 'in', subjects).execute();
    return new Map(
      rows.map(({ subject, sealed_key: sealed, created_at: createdAt, erased_at: erasedAt }) => [
        subject,
        { key: erasedAt === null ? this.storage.open(PURPOSE, subject, sealed) : null, createdAt },
      ]),
    );
  }

  /** The keys of all these subjects; those that never were are made as of `now`. */
  async ensure(db: Kysely<Database>, subjects: ReadonlySet<string>, now: number): Promise<Map<string, SubjectKey>> {
    const keys = await this.find(db, [...subjects]);
    const missing = [...subjects].filter((subject) => !keys.has(subject));
    if (missing.length === 0) return keys;
    const made = missing.map((subject) => ({ subject, key: randomBytes(32) }));
    const rows = made.map(({ subject, key }) => ({
      subject,
      sealed_key: this.storage.seal(PURPOSE, subject, key),
      created_at: now,
    }));
    await db.insertInto('audit_subject_keys').values(rows).execute();
    for (const { subject, key } of made) keys.set(subject, { key, createdAt: now });
    return keys;
  }

  /** For good: none of these subjects ever has a key again. `now`: epoch milliseconds. */
  async destroy(db: Kysely<Database>, subjects: readonly string[], now: number): Promise<void> {
    const erased = { sealed_key: NOTHING, erased_at: now };
    await db
      .insertInto('audit_subject_keys')
      .values(subjects.map((subject) => ({ subject, created_at: now, ...erased })))
      .onConflict((row) => row.column('subject').doUpdateSet(erased))
      .execute();
  }
}
