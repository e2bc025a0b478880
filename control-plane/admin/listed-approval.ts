import type { ListedApproval } from '#shared/api/approvals.js';
import type { ShownApproval } from '../policy/approvals/approval.js';

/** A request in the form of the API. */
export function listedApproval({
  createdAt,
  expiresAt,
  groups,
  requester,
  actors,
  ...shown
}: ShownApproval): ListedApproval {
  const { id, email, name } = requester;
  return {
    ...shown,
    requester: { id, email, name },
    actors: [...actors],
    groups: groups.map((set) => [...set]),
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  };
}
