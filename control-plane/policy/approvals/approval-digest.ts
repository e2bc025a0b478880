import type { AuditService } from '../../audit/audit.service.js';
import type { ApprovalCall } from './approval.js';

/**
 * What an approval is bound to: keyed hash (hex) of the person and who acts for them, the server, the whole request, the revision, and whose
 * approval is demanded. A call that differs in any of it is another call.
 */
export function approvalDigest(
  audit: Pick<AuditService, 'hashArguments'>,
  { person, actors, server, target, method, params, revision, demand }: ApprovalCall,
): string {
  return audit.hashArguments({
    person: person.id,
    actors,
    server,
    target,
    method,
    params,
    revision,
    groups: demand.groups,
  });
}
