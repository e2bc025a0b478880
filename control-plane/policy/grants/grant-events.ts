import { Inject, Injectable } from '@nestjs/common';
import { Logger, shown } from '../../observability/logger.js';
import { targetText } from './covering-grant.js';
import type { Grant, GrantRequest } from './grant.js';

export type GrantEventKind = 'grant.requested' | 'grant.given' | 'grant.refused' | 'grant.ended' | 'grant.break-glass';

export interface GrantEvent {
  readonly grant: Pick<Grant | GrantRequest, 'id' | 'person' | 'server' | 'tool'>;
  /** Id of the person who did it. */
  readonly by: string;
  /** Id of the audit record. */
  readonly record: string;
}

/** Tells whoever has to know that access was asked for, given, refused, ended, or taken in an emergency. */
@Injectable()
export class GrantEvents {
  constructor(@Inject(Logger) private readonly logger: Logger) {}

  async tell(kind: GrantEventKind, { grant, by, record }: GrantEvent): Promise<void> {
    const fields = {
      grant: shown(grant.id),
      person: shown(grant.person),
      by: shown(by),
      target: shown(targetText(grant)),
      record: shown(record),
    };
    if (kind === 'grant.break-glass') this.logger.error(kind, fields);
    else this.logger.info(kind, fields);
  }
}
