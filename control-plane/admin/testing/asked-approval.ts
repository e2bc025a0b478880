import { AuditService } from '../../audit/audit.service.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { ApprovalsService } from '../../policy/approvals/approvals.service.js';
import { boundRevision } from '../../policy/bound-revision.js';
import { PolicyService } from '../../policy/policy.service.js';
import type { Company, SignedIn } from './company.js';

/** The id of a call by that person which waits for somebody of the group. */
export async function askedApproval({ system: { app } }: Company, by: SignedIn, group: string): Promise<string> {
  const audit = app.get(AuditService, { strict: false });
  const { servers } = app.get(ActiveCatalog, { strict: false }).current();
  const { revision } = app.get(PolicyService, { strict: false });
  const { id } = await app.get(ApprovalsService, { strict: false }).ask({
    person: { id: by.person, provider: 'corp', issuer: '', subject: '', email: null, name: null },
    actors: [],
    session: by.session,
    server: 'crm',
    target: 'wipe',
    method: 'tools/call',
    params: { name: 'wipe', arguments: {} },
    demand: { groups: [[group]], policies: ['two-people'], reason: 'Deleting needs a second person.' },
    revision: boundRevision({ audit, servers }, 'crm', revision),
  });
  return id;
}
