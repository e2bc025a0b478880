import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { SetKind } from '../audit-set.js';
import { indexedText } from '../indexed-text.js';

/** The groups on record that `wanted` names, whatever the case: `okta/sales` in full, or `sales` of any provider. */
export async function findGroups(db: Kysely<Database>, wanted: string): Promise<string[]> {
  const key = wanted.toLowerCase().trim();
  const rows = await db.selectFrom('audit_sets').select('member').distinct().where('kind', '=', 'groups').execute();
  return rows.map(({ member }) => member).filter((member) => [member, bareName(member)].some(is(key)));
}

/** Ids of the sets that have one of these members. */
export function setsWith(db: Kysely<Database>, kind: SetKind, members: readonly string[]) {
  return db
    .selectFrom('audit_sets')
    .select('audit_sets.id')
    .where('audit_sets.kind', '=', kind)
    .where('audit_sets.member', 'in', members.length === 0 ? [''] : members.map(indexedText));
}

function bareName(group: string): string {
  return group.slice(group.indexOf('/') + 1);
}

function is(key: string): (text: string) => boolean {
  return (text) => text.toLowerCase() === key;
}
