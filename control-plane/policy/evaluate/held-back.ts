import type { Decision, PolicyInput } from '../decision.js';
import { qualify } from '../names.js';
import type { CompiledPolicies } from './evaluate.js';
import { misfits, unreviewed } from './reason.js';

/** The denial of a tool that no policy and no grant opens: its definition waits for a reviewer, or policies do not fit it. */
export function heldBack(policies: CompiledPolicies, { server, target }: PolicyInput): Decision | undefined {
  if (target.kind !== 'tool') return undefined;
  const denial = { outcome: 'deny', policies: [], revision: policies.revision, failed: false, held: true } as const;
  if (!target.reviewed) return { ...denial, reason: unreviewed(server, target.name) };
  const id = qualify(server, target.name);
  const ids = Object.hasOwn(policies.misfits, id) ? (policies.misfits[id] ?? []) : [];
  return ids.length === 0 ? undefined : { ...denial, policies: ids, reason: misfits(server, target.name) };
}
