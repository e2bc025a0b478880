import type { Kysely } from 'kysely';
import type { Person } from '../../identity/caller.js';
import type { ApprovalsTable } from '../../storage/policy-tables.js';
import type { Database } from '../../storage/schema.js';
import type { Verdict } from './approval.js';
import { DROPPED } from './sealed-request.js';
import type { Vote } from './verdict.js';

/** Requests that are looked through for one approver. */
const MOST_LISTED = 1_000;

export interface ApprovalRow extends ApprovalsTable {
  readonly requester: Pick<Person, 'id' | 'email' | 'name'>;
}

/** The request of this very call that has not expired: at most one that was not used. */
export async function requestOf(
  db: Kysely<Database>,
  person: string,
  digest: string,
  now: number,
): Promise<ApprovalRow | undefined> {
  const rows = await withRequester(db)
    .where('approvals.person_id', '=', person)
    .where('digest', '=', digest)
    .where('state', '!=', 'used')
    .where('expires_at', '>', now)
    .orderBy('approvals.created_at', 'desc')
    .limit(1)
    .execute();
  return rows.map(opened)[0];
}

export async function approvalById(db: Kysely<Database>, id: string): Promise<ApprovalRow | undefined> {
  const row = await withRequester(db).where('approvals.id', '=', id).executeTakeFirst();
  return row && opened(row);
}

/** Those that wait for anybody, oldest first. */
export async function openApprovals(db: Kysely<Database>, now: number): Promise<ApprovalRow[]> {
  const rows = await withRequester(db)
    .where('state', '=', 'open')
    .where('expires_at', '>', now)
    .orderBy('approvals.created_at')
    .limit(MOST_LISTED)
    .execute();
  return rows.map(opened);
}

/** A person's own that have not expired, newest first. */
export async function ownApprovals(db: Kysely<Database>, person: string, now: number): Promise<ApprovalRow[]> {
  const rows = await withRequester(db)
    .where('approvals.person_id', '=', person)
    .where('expires_at', '>', now)
    .orderBy('approvals.created_at', 'desc')
    .limit(MOST_LISTED)
    .execute();
  return rows.map(opened);
}

export async function countOpen(db: Kysely<Database>, person: string, now: number): Promise<number> {
  const { open } = await db
    .selectFrom('approvals')
    .select(({ fn }) => fn.countAll<number | string>().as('open'))
    .where('person_id', '=', person)
    .where('state', '=', 'open')
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow();
  return Number(open);
}

export async function expire(db: Kysely<Database>, id: string, now: number): Promise<void> {
  await db.updateTable('approvals').set({ expires_at: now }).where('id', '=', id).execute();
}

/** Of several at once, on any replica, one gets it. What the call was to do is kept no longer. */
export async function takeApproved(db: Kysely<Database>, id: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('approvals')
    .set({ state: 'used', used_at: now, sealed: DROPPED })
    .where('id', '=', id)
    .where('state', '=', 'approved')
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The next round of the call that used it: each round is taken once. */
export async function takeRound(
  db: Kysely<Database>,
  { id, digest, usedAt }: { readonly id: string; readonly digest: string; readonly usedAt: number },
  next: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('approvals')
    .set({ used_at: next })
    .where('id', '=', id)
    .where('digest', '=', digest)
    .where('state', '=', 'used')
    .where('used_at', '=', usedAt)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** False where they have voted already. As the first statement of its transaction it also takes SQLite's write lock. */
export async function insertVote(
  db: Kysely<Database>,
  vote: {
    readonly approval: string;
    readonly approver: string;
    readonly verdict: Verdict;
    readonly groups: readonly string[];
    readonly now: number;
  },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('approval_votes')
    .values({
      approval_id: vote.approval,
      approver: vote.approver,
      verdict: vote.verdict,
      groups: JSON.stringify(vote.groups),
      voted_at: vote.now,
    })
    .onConflict((conflict) => conflict.columns(['approval_id', 'approver']).doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function votesOf(db: Kysely<Database>, id: string): Promise<Vote[]> {
  const rows = await db
    .selectFrom('approval_votes')
    .select(['verdict', 'groups'])
    .where('approval_id', '=', id)
    .execute();
  return rows.map(({ verdict, groups }) => ({
    verdict: verdict === 'approve' ? 'approve' : 'refuse',
    groups: JSON.parse(groups) as string[],
  }));
}

function withRequester(db: Kysely<Database>) {
  return db
    .selectFrom('approvals')
    .innerJoin('persons', 'persons.id', 'approvals.person_id')
    .selectAll('approvals')
    .select(['persons.email', 'persons.name']);
}

function opened({ email, name, ...row }: ApprovalsTable & Pick<Person, 'email' | 'name'>): ApprovalRow {
  return { ...row, requester: { id: row.person_id, email, name } };
}
