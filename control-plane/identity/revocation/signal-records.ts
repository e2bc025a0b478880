import { Inject, Injectable } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditWriter } from '../../audit/record.js';
import { Logger, shown } from '../../observability/logger.js';
import type { RevocationPath } from './revocation.service.js';

export interface HeardSignal {
  readonly path: RevocationPath;
  /** Our name of the provider that sent it. */
  readonly provider: string;
  /** What it says has happened, in the words of its specification. */
  readonly reason: string;
}

/** What the audit keeps of signals: whom they name and what they say, never the token. */
@Injectable()
export class SignalRecords {
  constructor(
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  /** One record a person; one that names nobody where the signal leads to none. Never rejects: putting somebody out is not put off for it. */
  async heard({ path, provider, reason }: HeardSignal, people: readonly string[]): Promise<void> {
    const subjects = people.length === 0 ? ['system'] : people;
    const target = `${path}:${provider}`;
    await Promise.all(
      subjects.map(async (subject) => {
        const affected = people.length === 0 ? {} : { affected: subject };
        const detail = people.length === 0 ? { detail: 'nobody here' } : {};
        try {
          await this.audit.write({
            type: 'auth.revocation',
            phase: 'event',
            facts: { target, ...affected },
            subject,
            personal: { reason, ...detail },
          });
        } catch (error) {
          this.logger.error('revocation not recorded', { path: shown(path), error: shown(errorText(error)) });
        }
      }),
    );
  }
}
