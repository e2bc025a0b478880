import type { GrantUse, PolicyTarget } from '../decision.js';
import type { Grant, GrantTarget } from './grant.js';

/**
 * The grant of these that covers a target at this moment (epoch milliseconds). One of break-glass first: it opens more.
 * A method can do anything, so no grant covers it.
 */
export function coveringGrant(
  grants: readonly Grant[],
  server: string,
  target: Pick<PolicyTarget, 'kind' | 'name'>,
  now: number,
): GrantUse | undefined {
  const covering = grants.filter((grant) => now < grant.expiresAt && covers(grant, server, target));
  const best = covering.find(({ kind }) => kind === 'break-glass') ?? covering[0];
  return best && { id: best.id, kind: best.kind };
}

function covers(grant: GrantTarget, server: string, { kind, name }: Pick<PolicyTarget, 'kind' | 'name'>): boolean {
  if (grant.server !== server || kind === 'method') return false;
  return grant.tool === undefined || (kind === 'tool' && name === grant.tool);
}

/** As people write it: `crm`, or `crm/add_customer`. */
export function targetText({ server, tool }: GrantTarget): string {
  return tool === undefined ? server : `${server}/${tool}`;
}
