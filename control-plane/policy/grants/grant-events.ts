import { Inject, Injectable } from '@nestjs/common';
import { PATHS } from '#shared/api/paths.js';
import type { Announcement, Mentioned } from '../../messaging/announcement.js';
import { MessagingService } from '../../messaging/messaging.service.js';
import { Logger, shown } from '../../observability/logger.js';
import { StorageService } from '../../storage/storage.service.js';
import { targetText } from './covering-grant.js';
import type { Grant, GrantRequest } from './grant.js';

type GrantEventKind = 'grant.requested' | 'grant.given' | 'grant.refused' | 'grant.ended' | 'grant.break-glass';

export interface GrantEvent {
  readonly grant: Pick<Grant | GrantRequest, 'id' | 'person' | 'server' | 'tool'>;
  /** Id of the person who did it. */
  readonly by: string;
  /** Id of the audit record. */
  readonly record: string;
}

const WHAT: Readonly<Record<GrantEventKind, string>> = {
  'grant.requested': 'asks for access to',
  'grant.given': 'was given access to',
  'grant.refused': 'was refused access to',
  'grant.ended': 'no longer has the access that was given to',
  'grant.break-glass': 'took break-glass access to',
};

/** Tells whoever has to know that access was asked for, given, refused, ended, or taken in an emergency. */
@Injectable()
export class GrantEvents {
  constructor(
    @Inject(Logger) private readonly logger: Logger,
    @Inject(MessagingService) private readonly messaging: Pick<MessagingService, 'announce'>,
    @Inject(StorageService) private readonly storage: Pick<StorageService, 'db'>,
  ) {}

  /** Never rejects: what has happened has happened. */
  async tell(kind: GrantEventKind, event: GrantEvent): Promise<void> {
    const { grant, by, record } = event;
    const fields = {
      grant: shown(grant.id),
      person: shown(grant.person),
      by: shown(by),
      target: shown(targetText(grant)),
      record: shown(record),
    };
    if (kind === 'grant.break-glass') this.logger.error(kind, fields);
    else this.logger.info(kind, fields);
    this.messaging.announce(await this.#announcement(kind, event));
  }

  async #announcement(kind: GrantEventKind, { grant, by, record }: GrantEvent): Promise<Announcement> {
    const { id, server, tool } = grant;
    const person = await this.#mentioned(grant.person);
    return {
      kind,
      at: Date.now(),
      sentence: `${person.shown ?? person.id} ${WHAT[kind]} ${targetText(grant)}.`,
      person,
      ...(by === grant.person ? {} : { by: await this.#mentioned(by) }),
      server,
      ...(tool === undefined ? {} : { tool }),
      ...(kind === 'grant.requested' ? { path: `${PATHS.approvalsPage}/access/${id}` } : {}),
      subject: id,
      record,
    };
  }

  async #mentioned(id: string): Promise<Mentioned> {
    const found = this.storage.db.selectFrom('persons').select(['email', 'name']).where('id', '=', id);
    const person = await found.executeTakeFirst().catch(() => undefined);
    return { id, shown: person?.email ?? person?.name ?? null };
  }
}
