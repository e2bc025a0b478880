import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { IdentityService } from '../../identity/identity.service.js';
import { DecisionWaits } from '../../storage/notifications/decision-waits.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import { writeTransaction } from '../../storage/write-transaction.js';
import { boundRevision } from '../bound-revision.js';
import { PolicyService } from '../policy.service.js';
import { MessagingService } from '../../messaging/messaging.service.js';
import { requestedAnnouncement } from './approval-announcements.js';
import { approvalDigest } from './approval-digest.js';
import { requestRecord, useRecord } from './approval-records.js';
import {
  approvalById,
  countOpen,
  expire,
  requestOf,
  takeApproved,
  takeRound,
  type ApprovalRow,
} from './approval-rows.js';
import type { ApprovalCall, ApprovalState, AskedApproval, UsedApproval } from './approval.js';

import { openRequest, sealRequest } from './sealed-request.js';
import { shownArguments } from './shown-arguments.js';

/** Open requests of one person. */
const MAX_OPEN = 20;

/** Calls that need somebody else's approval: asked for once, given once, used once, on all replicas. */
@Injectable()
export class ApprovalsService implements OnModuleDestroy {
  readonly #waits: DecisionWaits;

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) notifications: Notifications,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(IdentityService) private readonly identity: Pick<IdentityService, 'readSession'>,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
    @Inject(PolicyService) private readonly policy: Pick<PolicyService, 'revision'>,
    @Inject(MessagingService) private readonly messaging: Pick<MessagingService, 'announce'>,
  ) {
    this.#waits = new DecisionWaits(() => notifications.current);
    notifications.subscribe('approval', (id) => this.#waits.wake(id));
    notifications.onGap(() => this.#waits.wakeAll());
    catalog.follow(() => () => this.#waits.wakeAll());
  }

  /** Before the gateway waits for its calls to end: these go on at the next process. */
  onModuleDestroy(): void {
    this.#waits.close();
  }

  /** Uses up an approval of this very call; undefined where there is none. Throws `audit_unavailable`, and then it is used up all the same. */
  async use(call: ApprovalCall): Promise<UsedApproval | undefined> {
    const now = Date.now();
    const row = await requestOf(this.storage.db, call.person.id, approvalDigest(this.audit, call), now);
    if (row?.state !== 'approved' || !(await this.#isAlive(row, call.session))) return undefined;
    if (!(await takeApproved(this.storage.db, row.id, now))) return undefined;
    const used = { id: row.id, usedAt: now };
    await this.audit.write(useRecord(used, call));
    return used;
  }

  /** The next round of a call that has used an approval; undefined where it is another call, or this round was made. */
  async goOn({ id, usedAt }: UsedApproval, call: ApprovalCall): Promise<UsedApproval | undefined> {
    const next = Math.max(Date.now(), usedAt + 1);
    const round = { id, usedAt, digest: approvalDigest(this.audit, call) };
    return (await takeRound(this.storage.db, round, next)) ? { id, usedAt: next } : undefined;
  }

  /** The request of this very call: the one that there is, or a new one. Throws `rate_limited`, `policy_denied` and `audit_unavailable`. */
  async ask(call: ApprovalCall): Promise<AskedApproval & { readonly isNew: boolean }> {
    const digest = approvalDigest(this.audit, call);
    const { row, isNew } = await this.#requestFor(call, digest);
    if (!isNew) return { ...(await this.#asked(row, call.session)), isNew };
    const record = await this.#recorded(row, call);
    this.messaging.announce(requestedAnnouncement(row, call.demand.groups, record));
    return { ...(await this.#asked(row, call.session)), isNew };
  }

  /** What is not on record was not asked for. */
  async #recorded(row: ApprovalRow, call: ApprovalCall): Promise<string> {
    try {
      return (await this.audit.write(requestRecord(row.id, call))).id;
    } catch (error) {
      await this.storage.db.deleteFrom('approvals').where('id', '=', row.id).execute();
      throw error;
    }
  }

  /** What has become of a request; undefined for one that is not this very call's. */
  async look(id: string, call: ApprovalCall): Promise<AskedApproval | undefined> {
    const row = await approvalById(this.storage.db, id);
    if (row?.digest !== approvalDigest(this.audit, call)) return undefined;
    return this.#asked(row, call.session);
  }

  /** Resolves when it is decided, when it is over, or after `milliseconds`. Rejects with the signal's reason. */
  async waitFor(id: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    const isDecided = async (): Promise<boolean> => {
      const row = await approvalById(this.storage.db, id);
      return row === undefined || (await this.stateOf(row)) !== 'open';
    };
    await this.#waits.until(id, isDecided, milliseconds, signal);
  }

  /** As of now, with what has happened around it. */
  async stateOf(row: ApprovalRow, callingSession?: string): Promise<ApprovalState> {
    if (row.state === 'used') return 'used';
    if (row.expires_at <= Date.now()) return 'expired';
    if (row.state === 'refused') return 'refused';
    if (!(await this.#isAlive(row, callingSession))) return 'ended';
    return row.state === 'approved' ? 'approved' : 'open';
  }

  async #isAlive(row: ApprovalRow, callingSession?: string): Promise<boolean> {
    const { servers } = this.catalog.current();
    if (row.revision !== boundRevision({ audit: this.audit, servers }, row.server, this.policy.revision)) return false;
    if (row.session_id === callingSession) return true;
    return (await this.identity.readSession(row.session_id)) !== undefined;
  }

  async #asked(row: ApprovalRow, callingSession: string): Promise<AskedApproval> {
    const { reason, refusal } = openRequest(this.storage, row.id, row.sealed);
    const groups = JSON.parse(row.groups) as string[][];
    const demand = { groups, policies: JSON.parse(row.policies) as string[], reason };
    const times = { askedAt: row.created_at, expiresAt: row.expires_at };
    return { id: row.id, state: await this.stateOf(row, callingSession), demand, ...times, refusal };
  }

  async #requestFor(call: ApprovalCall, digest: string): Promise<{ row: ApprovalRow; isNew: boolean }> {
    const { db } = this.storage;
    const { person } = call;
    const found = await requestOf(db, person.id, digest, Date.now());
    if (found && (found.state === 'refused' || (await this.#isAlive(found, call.session)))) {
      return { row: found, isNew: false };
    }
    const shown = shownArguments(call.params);
    return writeTransaction(db, 'approvals', async (transaction) => {
      const now = Date.now();
      // Its sign-in has ended, or the settings have changed: this call begins anew.
      if (found) await expire(transaction, found.id, now);
      const another = await requestOf(transaction, person.id, digest, now);
      if (another) return { row: another, isNew: false };
      if ((await countOpen(transaction, person.id, now)) >= MAX_OPEN) throw tooMany();
      const row = this.#newRow(call, digest, shown, now);
      await transaction.insertInto('approvals').values(row).execute();
      return { row: { ...row, requester: person }, isNew: true };
    });
  }

  #newRow(call: ApprovalCall, digest: string, shown: string, now: number): Omit<ApprovalRow, 'requester'> {
    const id = `apr_${randomUUID().replaceAll('-', '')}`;
    const { person, actors, session, server, target, demand, revision } = call;
    return {
      id,
      state: 'open',
      digest,
      person_id: person.id,
      session_id: session,
      server,
      target,
      revision,
      groups: JSON.stringify(demand.groups),
      policies: JSON.stringify(demand.policies),
      sealed: sealRequest(this.storage, id, {
        arguments: shown,
        reason: demand.reason,
        actors: [...actors],
        refusal: null,
      }),
      created_at: now,
      expires_at: now + this.config.settings.approvals.minutes * 60_000,
      decided_at: null,
      used_at: null,
    };
  }
}

function tooMany(): CodedError {
  return new CodedError('rate_limited', {
    message: `${MAX_OPEN} of your calls wait for somebody's approval, which is the limit. Make this one again when one of them was decided.`,
  });
}
