import { randomUUID } from 'node:crypto';

/** Which records a hold covers: those that meet every condition. Null is no condition; with none it covers everything. */
export interface HoldScope {
  /** Id of a person: records of theirs, also from before their first sign-in. */
  readonly person: string | null;
  readonly server: string | null;
  /** Epoch milliseconds: not before `from`, and before `to`. The time of a call is that of its decision. */
  readonly from: number | null;
  readonly to: number | null;
}

/** Keeps records from being erased, and from expiring, until somebody releases it. Times are epoch milliseconds. */
export interface LegalHold extends HoldScope {
  readonly id: string; // hld_…
  /** What it is for, in words: a case, a matter. */
  readonly name: string;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly released: Release | undefined;
}

export interface Release {
  readonly by: string;
  readonly at: number;
  readonly reason: string;
}

/** Some records. What is undefined is not known: then they may be anybody's, of any server. */
export interface SomeRecords {
  /** Every id under which one person is on record. */
  readonly people?: readonly string[] | undefined;
  /** Null: of no server. */
  readonly server?: string | null | undefined;
  /** Epoch milliseconds: none of them is older than `from`, and all are before `to`. */
  readonly from: number;
  readonly to: number;
}

/**
 * Those of these holds that may cover one of these records. Never leaves one out that does; of one record whose person,
 * server and time are known it says exactly which. An outcome is covered with its call: its person, server and time are those of its
 * intent, so ask about a month of outcomes from as much earlier as a call may take.
 */
export function holdsOver<Hold extends HoldScope>(holds: readonly Hold[], records: SomeRecords): Hold[] {
  return holds.filter((hold) => isPersonMet(hold, records) && isServerMet(hold, records) && isTimeMet(hold, records));
}

function isPersonMet({ person }: HoldScope, { people }: SomeRecords): boolean {
  return person === null || people === undefined || people.includes(person);
}

function isServerMet({ server }: HoldScope, records: SomeRecords): boolean {
  return server === null || records.server === undefined || records.server === server;
}

function isTimeMet({ from, to }: HoldScope, records: SomeRecords): boolean {
  return (from === null || records.to > from) && (to === null || records.from < to);
}

export function newHoldId(): string {
  return `hld_${randomUUID().replaceAll('-', '')}`;
}
