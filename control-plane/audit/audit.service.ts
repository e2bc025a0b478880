import { createHmac, createSecretKey, randomBytes, type Hmac } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { AuditLog, AuditPage, AuditQuery } from '#shared/api/audit.js';
import type { AuditRecords } from '#shared/api/audit-record.js';
import type { AuditSession } from '#shared/api/audit-session.js';
import type { OwnActivityQuery } from '#shared/api/own-activity.js';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import { asCoded, CodedError, errorText } from '#shared/errors.js';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { ClockJump } from '../clock/clock-jump.js';
import { Logger, shown } from '../observability/logger.js';
import { Metrics } from '../observability/metrics.js';
import { engineOf } from '../storage/engine.js';
import { GroupCommit } from '../storage/group-commit.js';
import { StorageService } from '../storage/storage.service.js';
import { takeLock, writeTransaction } from '../storage/write-transaction.js';
import { findSession } from './agent-sessions/find-session.js';
import { hashArguments } from './arguments-hash.js';
import { draftRecord, type DraftRecord } from './draft-record.js';
import { GROUPS, groupsHash } from './groups-hash.js';
import { indexedText } from './indexed-text.js';
import { refuseHeld } from './legal-holds/refuse-held.js';
import { failedAt, lasts, resumedAt, type Outage } from './outage/outage.js';
import { readLog } from './read-log.js';
import type { AuditWriter, NewRecord, RecordFacts, RecordPersonal, RecordType } from './record.js';
import { RecordLog } from './record-log.js';
import { findOwnActivity, type OwnCallsPage } from './reports/own-activity.js';
import { countCalls, recordedCall, recordedCalls, type CallRange, type RecordedCall } from './search/recorded-calls.js';
import { findHeader } from './search/load-records.js';
import { searchAudit, type AuditView } from './search/search.js';
import { showRecords } from './search/show-records.js';
import { SubjectKeys } from './subject-keys.js';
import { TARGETS, targetHash } from './target-hash.js';
import { WrongClock } from './true-time.js';
import { unlinkSubjects } from './unlink-subjects.js';
import { outcomesOfUnfinished } from './unfinished-calls.js';

/** By less than that, no record is refused. */
const JUMP_MS = 60_000;
const LIMITS = { queue: 10_000, batch: 500, wait: 10_000 };

/** Who did what: written before it happens, searchable, and checkable offline. */
@Injectable()
export class AuditService implements AuditWriter, OnApplicationShutdown {
  readonly #commits = new GroupCommit<DraftRecord, string>((drafts) => this.#append(drafts), LIMITS);
  readonly #keys: SubjectKeys;
  readonly #replica = randomBytes(8).toString('hex');
  #outage: Outage | undefined;
  #serving = false;
  /** As of the last record or look, five seconds ago at most. */
  #wrongClock: CodedError | undefined;
  /** When the clock was last known to be right. */
  #sinceTrue = new ClockJump();

  constructor(
    @Inject(RecordLog) private readonly records: RecordLog,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    metrics.audit.watch(() => this.#commits.waiting);
    this.#keys = new SubjectKeys(storage);
  }

  /** Records that a control plane starts, and with it, at the end, that it stops. Offline commands have neither. */
  async recordStart(): Promise<void> {
    if (engineOf(this.storage.db) === 'sqlite') await this.#closeUnfinished();
    // Of the form of `service.instance.id` in telemetry, so that both can be laid side by side.
    await this.#mark('system.start', { detail: `${hostname()}:${process.pid}` });
    this.#serving = true;
  }

  /** Runs when nobody is left to write: the HTTP server has closed, the storage still has not. */
  async onApplicationShutdown(): Promise<void> {
    if (this.#serving) await this.#mark('system.stop').catch(() => undefined);
    await this.#commits.close();
  }

  /** The last time in which no record could be written. */
  get outage(): Outage | undefined {
    return this.#outage;
  }

  /**
   * Where a record could not be written, or another would not be now (the clock is wrong, the database away): tries one that
   * says so, and rejects as long as that fails too.
   */
  async checkWritable(): Promise<void> {
    if (lasts(this.#outage) || !(await this.#isInGoodOrder())) await this.#mark('system.resume');
  }

  /**
   * Rejects with `audit_unavailable` while the clock is wrong. It is asked before who calls is known: with such a clock, good tokens and proofs
   * look expired or not yet valid, and people would be told to sign in. Costs nothing unless the clock was set.
   */
  async requireTrueTime(): Promise<void> {
    if (this.#sinceTrue.size() > JUMP_MS) await this.checkWritable();
    if (this.#wrongClock) throw this.#wrongClock;
  }

  /** Resolves only when the record is durable; rejects with `audit_unavailable`. */
  async write(record: NewRecord): Promise<{ readonly id: string }> {
    const begunAt = performance.now();
    try {
      const facts = { ...record.facts, ...this.#hashed(record.personal), replica: this.#replica };
      const draft = draftRecord({ ...record, facts }, Date.now());
      const id = await this.#commits.add(draft);
      this.#outage = resumedAt(this.#outage, Date.now());
      this.#trust();
      this.metrics.audit.written(record, performance.now() - begunAt);
      return { id };
    } catch (error) {
      this.#outage = failedAt(this.#outage, Date.now());
      this.metrics.audit.failed();
      const detail = error instanceof CodedError ? (error.detail ?? error.message) : errorText(error);
      this.logger.error('audit.write-failed', { type: shown(record.type), detail: shown(detail) });
      if (!(error instanceof WrongClock)) throw new CodedError('audit_unavailable', { detail, cause: error });
      this.#wrongClock = new CodedError('audit_unavailable', { message: error.refusal, detail, cause: error });
      throw this.#wrongClock;
    }
  }

  /** Keyed hash (hex) of a call's arguments. Throws `params_invalid` where they have no JSON form. */
  hashArguments(args: unknown): string {
    return hashArguments(this.storage.key('audit-arguments'), args);
  }

  /** Keyed hash (HMAC-SHA256) that takes one result as it flows. */
  newResultHash(): Hmac {
    return createHmac('sha256', createSecretKey(this.storage.key('audit-results')));
  }

  /** Newest first. Without `payloads` nothing personal but the person is shown or searched. */
  async search(query: AuditQuery, view: AuditView = { payloads: false }): Promise<AuditPage> {
    const servers = Object.entries(this.catalog.latest.servers).map(([id, { title }]) => ({ id, title }));
    const hashOf = (target: string): string => this.#hashOf(target);
    return searchAudit({ db: this.storage.db, keys: this.#keys, servers, hashOf }, query, view);
  }

  /** Everything of one record and what belongs to it; undefined where there is none, or it is not of `view.person`. */
  async show(id: string, view: AuditView): Promise<AuditRecords | undefined> {
    return showRecords({ db: this.storage.db, keys: this.#keys }, id, view);
  }

  /** The calls of one session or trace, and the agents behind them. Throws `not_found` where there is none. */
  async session(id: string, person?: string): Promise<AuditSession> {
    return findSession({ db: this.storage.db, keys: this.#keys }, id, person);
  }

  /** What was called as one person: for that person alone. */
  async ownActivity(person: string, query: OwnActivityQuery): Promise<OwnCallsPage> {
    return findOwnActivity({ db: this.storage.db, keys: this.#keys }, person, query);
  }

  /** One batch of what was decided about calls, oldest first. */
  async recordedCalls(range: CallRange): Promise<readonly RecordedCall[]> {
    return recordedCalls({ db: this.storage.db, keys: this.#keys }, range);
  }

  async countCalls(range: Pick<CallRange, 'since' | 'until'>): Promise<number> {
    return countCalls({ db: this.storage.db, keys: this.#keys }, range);
  }

  /** What was decided about one call, by its reference; undefined where there is none. */
  async recordedCall(id: string): Promise<RecordedCall | undefined> {
    return recordedCall({ db: this.storage.db, keys: this.#keys }, indexedText(id));
  }

  /** The header of one record, by its id; undefined where there is none. */
  async header(id: string): Promise<RecordHeader | undefined> {
    return findHeader(this.storage.db, id);
  }

  /** One page of the log from index `from` on, with the checkpoint over the whole of it. */
  async log(from: number, view: Pick<AuditView, 'payloads'> = { payloads: false }): Promise<AuditLog> {
    const sources = { db: this.storage.db, keys: this.#keys, records: this.records };
    return readLog(sources, { from, payloads: view.payloads });
  }

  /**
   * For good: nothing personal in the records of these subjects can be read any more, and the index knows them no longer.
   * Throws `legal_hold` where one covers a record of theirs.
   */
  async erase(subjects: readonly string[]): Promise<void> {
    const { db } = this.storage;
    // Below both locks no hold comes, and no record that one would cover.
    await writeTransaction(db, 'legal-holds', async (transaction) => {
      await takeLock(transaction, 'audit-log');
      await refuseHeld(transaction, this.storage, subjects);
      await this.#keys.destroy(transaction, subjects, Date.now());
    });
    await unlinkSubjects(db, subjects);
  }

  async #isInGoodOrder(): Promise<boolean> {
    try {
      const isRight = (await this.records.clockFault(Date.now())) === undefined;
      if (isRight) this.#trust();
      return isRight;
    } catch {
      return false;
    }
  }

  #trust(): void {
    this.#wrongClock = undefined;
    this.#sinceTrue = new ClockJump();
  }

  async #append(drafts: readonly DraftRecord[]): Promise<readonly string[]> {
    try {
      await this.records.append(drafts);
      return drafts.map(({ header }) => header.id);
    } catch (error) {
      throw asCoded(error);
    }
  }

  /** Where the last process was killed under its calls, nobody will say any more what came of them. */
  async #closeUnfinished(): Promise<void> {
    for (;;) {
      const outcomes = await outcomesOfUnfinished(this.storage.db);
      if (outcomes.length === 0) return;
      await Promise.all(outcomes.map((outcome) => this.write(outcome)));
      this.logger.warn('audit.calls-unfinished', { count: shown(outcomes.length) });
    }
  }

  /** What stands in the header for what is personal. */
  #hashed({ target, groups }: RecordPersonal): Pick<RecordFacts, 'target' | 'groupsHash'> {
    return {
      ...(target === undefined ? {} : { target: this.#hashOf(target) }),
      ...(groups === undefined ? {} : { groupsHash: groupsHash(this.storage.key(GROUPS), groups) }),
    };
  }

  #hashOf(target: string): string {
    return targetHash(this.storage.key(TARGETS), target);
  }

  async #mark(type: RecordType, personal: RecordPersonal = {}): Promise<void> {
    await this.write({ type, phase: 'event', facts: {}, subject: 'system', personal });
  }
}
