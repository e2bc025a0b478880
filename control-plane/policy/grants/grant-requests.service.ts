import { Inject, Injectable } from '@nestjs/common';
import { REQUEST_DAYS } from '#shared/api/grants.js';
import { CodedError } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';
import { writeTransaction } from '../../storage/write-transaction.js';
import { targetText } from './covering-grant.js';
import { GrantBounds } from './grant-bounds.js';
import { GrantEvents } from './grant-events.js';
import { insertGrant } from './grant-rows.js';
import { newGrantId, newRequestId, type Acting, type Grant, type GrantRequest, type GrantTarget } from './grant.js';
import { LiveGrants } from './live-grants.js';
import { GIVING_ROLES, requireInPerson, requireOther, requireRole } from './may-act.js';
import { onRecord } from './on-record.js';
import { requestableDenial } from './requestable-denial.js';
import {
  decideRequest,
  findRequestRow,
  insertRequest,
  listRequestRows,
  openRequest,
  requestsSince,
  type RequestFilter,
} from './request-rows.js';

const LIFETIME = REQUEST_DAYS * 86_400_000;
/** Of one person: that wait for an answer, and in all within their lifetime. */
const MAX_OPEN = 10;
const MAX_RECENT = 50;

export interface Question {
  /** Id of the audit record of the denial. */
  readonly reference: string;
  readonly minutes: number | undefined;
  readonly reason: string;
}

/** Access that people ask for after a denial, and what others answer. A fresh sign-in is for the caller to demand. */
@Injectable()
export class GrantRequests {
  constructor(
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Notifications) private readonly notifications: Notifications,
    @Inject(AuditService) private readonly audit: Pick<AuditService, 'write' | 'header'>,
    @Inject(LiveGrants) private readonly live: LiveGrants,
    @Inject(GrantBounds) private readonly bounds: GrantBounds,
    @Inject(GrantEvents) private readonly events: GrantEvents,
  ) {}

  /** What a denial would be a request for. Throws as `ask` does. */
  async targetOf({ person }: Pick<Acting, 'person'>, reference: string): Promise<GrantTarget> {
    const target = requestableDenial(await this.audit.header(reference), person, Date.now());
    this.bounds.requireServer(target.server);
    return target;
  }

  /** Throws `not_found`, `params_invalid`, `rate_limited`, and `role_missing` for machines and agents. */
  async ask(
    acting: Acting,
    { reference, minutes = this.bounds.usualMinutes, reason }: Question,
  ): Promise<GrantRequest> {
    requireInPerson(acting);
    const { person } = acting;
    this.bounds.requireMinutes(minutes);
    const target = await this.targetOf(acting, reference);
    await this.bounds.requireRoom(person);
    const now = Date.now();
    const id = newRequestId();
    const asked = { id, person, ...target, minutes, reason, reference, createdAt: now, expiresAt: now + LIFETIME };
    requireRoomFor(target, await requestsSince(this.storage.db, person, now - LIFETIME), now);
    const detail = `${minutes} minutes, after ${reference}`;
    const matter = { type: 'grant.request', grant: id, affected: person, ...target, reason, detail } as const;
    return onRecord(this.audit, acting, matter, async (record) => {
      await writeTransaction(this.storage.db, 'grants', async (db) => {
        requireRoomFor(target, await requestsSince(db, person, now - LIFETIME), now);
        await insertRequest(db, this.storage, asked);
      });
      await this.events.tell('grant.requested', { grant: asked, by: person, record });
      return this.find(id);
    });
  }

  /**
   * For as long as was asked, or shorter. Throws `role_missing`, `policy_denied` (one's own), `not_found`, and
   * `params_invalid` where somebody was faster.
   */
  async give(acting: Acting, id: string, minutes?: number): Promise<Grant> {
    const request = await this.#toDecide(acting, id);
    const { person, server, tool, reason } = request;
    const given = minutes ?? request.minutes;
    if (given > request.minutes) {
      throw new CodedError('params_invalid', { message: `Only ${request.minutes} minutes were asked for.` });
    }
    this.bounds.requireMinutes(given);
    this.bounds.requireServer(server);
    await this.bounds.requireRoom(person);
    const now = Date.now();
    const grant: Grant = {
      id: newGrantId(),
      kind: 'grant',
      person,
      server,
      tool,
      reason,
      createdBy: acting.person,
      createdAt: now,
      expiresAt: now + given * 60_000,
    };
    const detail = `grant, ${given} minutes, as asked by ${id}`;
    const matter = { type: 'grant.give', grant: grant.id, affected: person, server, tool, reason, detail } as const;
    return onRecord(this.audit, acting, matter, async (record) => {
      await this.notifications.publish({ topic: 'grants', id: person }, async (db) => {
        const verdict = { state: 'granted', by: acting.person, now, grant: grant.id } as const;
        if (!(await decideRequest(db, this.storage, request, verdict))) throw decidedAlready();
        await insertGrant(db, this.storage, grant);
      });
      await this.live.confirm();
      await this.events.tell('grant.given', { grant, by: acting.person, record });
      return grant;
    });
  }

  /** Throws as `give` does. */
  async refuse(acting: Acting, id: string, reason: string): Promise<GrantRequest> {
    const request = await this.#toDecide(acting, id);
    const { person, server, tool } = request;
    const matter = { type: 'grant.refuse', grant: id, affected: person, server, tool, reason } as const;
    return onRecord(this.audit, acting, matter, async (record) => {
      const verdict = { state: 'refused', by: acting.person, now: Date.now(), answer: reason } as const;
      if (!(await decideRequest(this.storage.db, this.storage, request, verdict))) throw decidedAlready();
      await this.events.tell('grant.refused', { grant: request, by: acting.person, record });
      return this.find(id);
    });
  }

  /** Newest first; up to one more than `limit`. */
  async list(filter: RequestFilter): Promise<GrantRequest[]> {
    return (await listRequestRows(this.storage.db, filter)).map((row) => openRequest(this.storage, row));
  }

  /** Throws `not_found`. */
  async find(id: string): Promise<GrantRequest> {
    const row = await findRequestRow(this.storage.db, id);
    if (!row) throw noSuchRequest();
    return openRequest(this.storage, row);
  }

  async #toDecide(acting: Acting, id: string): Promise<GrantRequest> {
    requireRole(acting, GIVING_ROLES);
    const request = await this.find(id);
    requireOther(acting, request.person);
    if (request.state !== 'open' || request.expiresAt <= Date.now()) throw decidedAlready();
    return request;
  }
}

function requireRoomFor(target: GrantTarget, recent: Awaited<ReturnType<typeof requestsSince>>, now: number): void {
  const open = recent.filter(({ state, expires_at: until }) => state === 'open' && now < until);
  const same = open.find(({ server, tool }) => server === target.server && tool === (target.tool ?? null));
  if (same) {
    throw new CodedError('params_invalid', {
      message: `You have asked for ${targetText(target)} already: ${same.id}. It waits for an answer.`,
    });
  }
  if (open.length >= MAX_OPEN || recent.length >= MAX_RECENT) {
    throw new CodedError('rate_limited', {
      message: `You have asked for access too often within ${REQUEST_DAYS} days. Talk to an approver.`,
    });
  }
}

function decidedAlready(): CodedError {
  return new CodedError('params_invalid', { message: 'This request was decided already, or it has expired.' });
}

function noSuchRequest(): CodedError {
  return new CodedError('not_found', { message: 'There is no such request. List them: mcp-sso grants requests.' });
}
