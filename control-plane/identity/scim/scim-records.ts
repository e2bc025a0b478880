import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditWriter } from '../../audit/record.js';
import type { ScimClient } from './scim-client.js';

/** What the audit keeps of one write of a SCIM client. */
export interface ScimRecord {
  readonly type: 'scim.user' | 'scim.group';
  /** `create`, `change`, `deactivate` … */
  readonly action: string;
  /** The SCIM id. */
  readonly id: string;
  /** The person whom the user is, where that is known. */
  readonly person?: string | undefined;
  /** User name or name of the group. */
  readonly name: string;
  readonly detail?: string;
}

@Injectable()
export class ScimRecords {
  constructor(@Inject(AuditService) private readonly audit: AuditWriter) {}

  /** After the write, which stands: putting somebody out must not wait. Throws `audit_unavailable`, so that it is sent again. */
  async write(
    { provider, address }: ScimClient,
    { type, action, id, person, name, detail }: ScimRecord,
  ): Promise<void> {
    await this.audit.write({
      type,
      phase: 'event',
      facts: { client: `scim:${provider}`, target: id, ...(person === undefined ? {} : { affected: person }) },
      // A user whom nobody has signed in as yet can be erased too.
      subject: person ?? (type === 'scim.user' ? id : 'system'),
      personal: { name, reason: action, address, ...(detail === undefined ? {} : { detail }) },
    });
  }
}
