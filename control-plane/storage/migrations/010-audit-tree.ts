import { sql, type Kysely } from 'kysely';
import { CompactRange } from '#shared/audit-log/merkle-tree.js';
import type { AuditNodesTable } from '../audit-tables.js';
import type { Database } from '../schema.js';
import { bytes } from './column-types.js';

const PAGE = 10_000;
const MIN_LEVEL = 8;

export async function up(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('audit_nodes')
    .addColumn('level', 'integer', (c) => c.notNull())
    .addColumn('idx', 'bigint', (c) => c.notNull())
    .addColumn('hash', bytes(db), (c) => c.notNull())
    .addPrimaryKeyConstraint('audit_nodes_key', ['level', 'idx'])
    .execute();
  await db.schema
    .createTable('audit_published')
    .addColumn('sink', 'text', (c) => c.notNull())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('published_at', 'bigint')
    .addPrimaryKeyConstraint('audit_published_key', ['sink', 'size'])
    .execute();
  await db.schema
    .createIndex('audit_published_waiting')
    .on('audit_published')
    .columns(['sink', 'size'])
    .where(sql`published_at`, 'is', null)
    .execute();
  await fillNodes(db);
}

/** For the log that is there already. A gap ends it: what comes after is refused when the log is opened. */
export async function fillNodes(db: Kysely<Database>): Promise<void> {
  const range = new CompactRange();
  for (;;) {
    const leaves = await db
      .selectFrom('audit_records')
      .select(['idx', 'leaf'])
      .where('idx', '>=', range.size)
      .orderBy('idx')
      .limit(PAGE)
      .execute();
    const nodes: AuditNodesTable[] = [];
    for (const { idx, leaf } of leaves) {
      if (idx !== range.size) break;
      range.append(leaf, ({ level, index }, hash) => {
        if (level >= MIN_LEVEL) nodes.push({ level, idx: index, hash });
      });
    }
    if (nodes.length > 0) await db.insertInto('audit_nodes').values(nodes).execute();
    if (leaves.length < PAGE || range.size <= leaves.at(-1)!.idx) return;
  }
}
