import { AuditService } from '../../audit/audit.service.js';
import type { NewRecord } from '../../audit/record.js';
import type { Company } from './company.js';

/** Puts the denial of a call of theirs on record, as the gateway does; resolves to its reference. */
export async function denialOf(
  { system }: Company,
  person: string,
  facts: Partial<NewRecord['facts']> = {},
  type: NewRecord['type'] = 'tool.call',
): Promise<string> {
  const denied = { decision: 'deny', policies: [], policyRevision: 'f'.repeat(64) } as const;
  const audit = system.app.get(AuditService, { strict: false });
  const { id } = await audit.write({
    type,
    phase: 'event',
    subject: person,
    facts: { person, server: 'crm', target: 'add_customer', ...denied, ...facts },
    personal: { reason: 'No policy permits it.' },
  });
  return id;
}
