import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditWriter } from '../../audit/record.js';
import type { Person, Session } from '../caller.js';
import { personOnRecord, signedInOnRecord, signInFacts } from '../person-on-record.js';
import { RefusalRecords } from '../refusals/refusal-records.js';

export interface Refusal {
  readonly reason: string;
  readonly clientId?: string;
  readonly address?: string;
  readonly deviceName?: string | null;
  readonly detail?: string;
}

/** What the audit keeps of sign-ins. Before a person is known there is nothing to write: strangers fill no disk. */
@Injectable()
export class SignInRecords {
  constructor(
    @Inject(AuditService) private readonly audit: AuditWriter,
    @Inject(RefusalRecords) private readonly refusals: RefusalRecords,
  ) {}

  /** `detail`: the way it was done. */
  async signedIn(session: Session, detail: string): Promise<void> {
    const { person, clientId, address, deviceName, actors } = session;
    await this.audit.write({
      type: 'auth.sign-in',
      phase: 'event',
      facts: {
        person: person.id,
        session: session.id,
        client: clientId,
        decision: 'allow',
        ...signInFacts(session),
        ...(actors.length === 0 ? {} : { actors }),
      },
      subject: person.id,
      personal: {
        ...signedInOnRecord(session),
        address,
        detail,
        ...(deviceName === null ? {} : { device: deviceName }),
      },
    });
  }

  async refused(person: Person, { reason, clientId, address, deviceName, detail }: Refusal): Promise<void> {
    await this.refusals.write({
      type: 'auth.refused',
      phase: 'event',
      facts: { person: person.id, decision: 'deny', ...(clientId === undefined ? {} : { client: clientId }) },
      subject: person.id,
      personal: {
        ...personOnRecord(person),
        reason,
        ...(address === undefined ? {} : { address }),
        ...(detail === undefined ? {} : { detail }),
        ...(deviceName === undefined || deviceName === null ? {} : { device: deviceName }),
      },
    });
  }
}
