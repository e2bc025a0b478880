import type { Kysely } from 'kysely';
import { CodedError } from '#shared/errors.js';
import type { Database } from '../../storage/schema.js';

const SEPARATOR = ' ';
/** Two that change one person at once are rare, and each change of one makes the other look again. */
const MAX_TRIES = 10;

/** `by`: the path that says so. `at`: when it said so, epoch milliseconds. */
export interface Said {
  readonly by: string;
  readonly at: number;
}

/** Adds a path to those that keep a person out. */
export async function disable(db: Kysely<Database>, person: string, { by, at }: Said): Promise<void> {
  await change(db, person, ({ paths, since }) => ({
    paths: paths.includes(by) ? paths : [...paths, by],
    since: Math.max(since, at),
  }));
}

/**
 * Takes one path back; the person may sign in where no other remains. False where it did not keep them out, or has said
 * so later than `at`: signals overtake each other.
 */
export async function enable(db: Kysely<Database>, person: string, { by, at }: Said): Promise<boolean> {
  return change(db, person, ({ paths, since }) =>
    paths.includes(by) && at >= since ? { paths: paths.filter((path) => path !== by), since } : undefined,
  );
}

interface Kept {
  readonly paths: readonly string[];
  readonly since: number;
}

async function change(db: Kysely<Database>, person: string, to: (kept: Kept) => Kept | undefined): Promise<boolean> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const { disabled_by: text, disabled_at: at } = await db
      .selectFrom('persons')
      .select(['disabled_by', 'disabled_at'])
      .where('id', '=', person)
      .executeTakeFirstOrThrow();
    const next = to({ paths: text?.split(SEPARATOR) ?? [], since: at ?? 0 });
    if (next === undefined) return false;
    const isOut = next.paths.length > 0;
    const { numUpdatedRows } = await db
      .updateTable('persons')
      .set({ disabled_by: isOut ? next.paths.join(SEPARATOR) : null, disabled_at: isOut ? next.since : null })
      .where('id', '=', person)
      .where('disabled_by', text === null ? 'is' : '=', text)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) return true;
  }
  throw new CodedError('database_unavailable', { detail: 'a person was changed by others again and again' });
}
