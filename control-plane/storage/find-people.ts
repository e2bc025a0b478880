import type { Kysely } from 'kysely';
import type { Database } from './schema.js';

const PAGE = 5000;

/**
 * Ids of the people whose id, e-mail address, its local part, or name is `wanted`, whatever the case. Compared here and
 * not in SQL: SQLite's lower() knows ASCII only. Includes `wanted` itself, for a person who is no longer listed.
 */
export async function findPeople(db: Kysely<Database>, wanted: string): Promise<string[]> {
  const key = fold(wanted);
  const ids = [wanted.replaceAll('\0', '\ufffd')]; // PostgreSQL has no NUL in texts
  let after = '';
  for (;;) {
    const page = await db
      .selectFrom('persons')
      .select(['id', 'email', 'name'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(PAGE)
      .execute();
    ids.push(...page.filter((person) => namesOf(person).includes(key)).map(({ id }) => id));
    if (page.length < PAGE) return ids;
    after = page.at(-1)!.id;
  }
}

function namesOf({ email, name }: { email: string | null; name: string | null }): string[] {
  const address = fold(email ?? '');
  const at = address.lastIndexOf('@');
  return [address, at > 0 ? address.slice(0, at) : '', fold(name ?? '')].filter((text) => text !== '');
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().trim();
}
