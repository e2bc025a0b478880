import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { isDisabled } from '../../identity/sessions/persons.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import { takeLock } from '../../storage/write-transaction.js';
import { MessagingService } from '../../messaging/messaging.service.js';
import { decidedAnnouncement } from './approval-announcements.js';
import { decideRecord } from './approval-records.js';
import { approvalById, insertVote, openApprovals, ownApprovals, votesOf, type ApprovalRow } from './approval-rows.js';
import type { Approver, ShownApproval, Verdict } from './approval.js';
import { ApprovalsService } from './approvals.service.js';
import { isSamePerson, requireFreshApprover, requireOpen } from './may-vote.js';
import { openRequest, sealRequest } from './sealed-request.js';
import { mayDecide, verdictOf } from './verdict.js';

/** What an approver may say with it. */
const MAX_REASON = 500;

/** Where people see what waits for them, and decide it. */
@Injectable()
export class ApprovalDesk {
  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(ApprovalsService) private readonly approvals: ApprovalsService,
    @Inject(MessagingService) private readonly messaging: Pick<MessagingService, 'announce'>,
  ) {}

  /** What this person may decide, oldest first, and then their own requests, newest first. */
  async list(approver: Approver): Promise<ShownApproval[]> {
    const now = Date.now();
    const open = (await openApprovals(this.storage.db, now)).filter((row) => isFor(row, approver));
    const own = await ownApprovals(this.storage.db, approver.person.id, now);
    const shown = await Promise.all([...open, ...own].map((row) => this.#shown(row, approver)));
    return shown.filter(({ state, own: isOwn }) => isOwn || state === 'open');
  }

  /** Throws `not_found` for whoever it does not concern, as for one that never was. */
  async show(id: string, approver: Approver): Promise<ShownApproval> {
    return this.#shown(await this.#concerning(id, approver), approver);
  }

  /**
   * Takes a decision: one refusal ends it, and it is approved when somebody of each demanded group has approved. Throws
   * `not_found`, `role_missing`, `sign_in_stale`, `account_disabled`, `request_invalid` and `audit_unavailable`.
   */
  async decide(id: string, approver: Approver, verdict: Verdict, reason = ''): Promise<ShownApproval> {
    const row = await this.#concerning(id, approver);
    if (isSamePerson(row.requester, approver.person)) throw ownRequest();
    requireFreshApprover(approver, Date.now());
    if (await isDisabled(this.storage.db, approver.person.id)) throw new CodedError('account_disabled');
    requireOpen(await this.approvals.stateOf(row));
    const said = reason.slice(0, MAX_REASON);
    const record = await this.audit.write(decideRecord(row, approver, verdict, said));
    const state = await this.#vote(row, approver, verdict, said);
    if (state !== 'open') this.messaging.announce(decidedAnnouncement(row, approver.person, state, record.id));
    return this.show(id, approver);
  }

  async #vote(
    row: ApprovalRow,
    approver: Approver,
    verdict: Verdict,
    said: string,
  ): Promise<ReturnType<typeof verdictOf>> {
    const demanded = groupsOf(row);
    const groups = demanded.flat().filter((group) => approver.groups.includes(group));
    return this.notifications.publish({ topic: 'approval', id: row.id }, async (transaction) => {
      await takeLock(transaction, 'approvals');
      const now = Date.now();
      const vote = { approval: row.id, approver: approver.person.id, verdict, groups, now };
      if (!(await insertVote(transaction, vote))) throw votedAlready();
      const state = verdictOf(demanded, await votesOf(transaction, row.id));
      const minutes = this.config.settings.approvals.minutes * 60_000;
      const content = openRequest(this.storage, row.id, row.sealed);
      const refused = state === 'refused' ? { arguments: null, refusal: said === '' ? null : said } : {};
      const { numUpdatedRows } = await transaction
        .updateTable('approvals')
        .set({
          state,
          sealed: sealRequest(this.storage, row.id, { ...content, ...refused }),
          ...(state === 'open' ? {} : { decided_at: now }),
          ...(state === 'approved' ? { expires_at: now + minutes } : {}),
        })
        .where('id', '=', row.id)
        .where('state', '=', 'open')
        .where('expires_at', '>', now)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw tooLate();
      return state;
    });
  }

  async #concerning(id: string, approver: Approver): Promise<ApprovalRow> {
    const row = await approvalById(this.storage.db, id);
    if (row && (row.person_id === approver.person.id || mayDecide(groupsOf(row), approver.groups))) return row;
    throw new CodedError('not_found', {
      message: 'There is no such request, or it is not for you to decide. List those that are to see their ids.',
    });
  }

  async #shown(row: ApprovalRow, approver: Approver): Promise<ShownApproval> {
    const content = openRequest(this.storage, row.id, row.sealed);
    const own = row.person_id === approver.person.id;
    const state = await this.approvals.stateOf(row);
    return {
      id: row.id,
      state,
      requester: row.requester,
      actors: content.actors,
      server: row.server,
      target: row.target,
      reason: content.reason,
      groups: groupsOf(row),
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      refusal: content.refusal,
      arguments: own ? null : content.arguments,
      mine: state === 'open' && isFor(row, approver),
      own,
    };
  }
}

function groupsOf(row: ApprovalRow): string[][] {
  return JSON.parse(row.groups) as string[][];
}

function isFor(row: ApprovalRow, { person, groups }: Approver): boolean {
  return !isSamePerson(row.requester, person) && mayDecide(groupsOf(row), groups);
}

function ownRequest(): CodedError {
  return new CodedError('role_missing', {
    message: 'You asked for this yourself, so somebody else has to decide it. Nothing was changed.',
  });
}

function votedAlready(): CodedError {
  return new CodedError('request_invalid', {
    message: 'You have decided this request already. It waits for somebody of another group. Nothing was changed.',
  });
}

function tooLate(): CodedError {
  return new CodedError('request_invalid', {
    message: 'This request was decided or has expired a moment ago. Nothing was changed.',
  });
}
