import { isObject } from '#shared/mcp/json-rpc.js';
import type { AuditService } from '../../audit/audit.service.js';
import type { ApprovalCall } from './approval.js';

interface RawJson {
  isRawJSON(value: unknown): boolean;
}

/**
 * What an approval is bound to: keyed hash (hex) of the person, the server, the whole request in canonical form, the
 * revision, and whose approval is demanded. A call that differs in any of it is another call.
 */
export function approvalDigest(
  audit: Pick<AuditService, 'hashArguments'>,
  { person, server, target, method, params, revision, demand }: ApprovalCall,
): string {
  const request = sortedJson({ method, params });
  return audit.hashArguments({ person: person.id, server, target, request, revision, groups: demand.groups });
}

/** JSON with sorted keys, in which a number stays as it was written: `1.0` is no `{"rawJSON":"1.0"}`. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    isObject(member) && !isRaw(member) ? Object.fromEntries(Object.entries(member).toSorted(byKey)) : member,
  );
}

function byKey([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : 1;
}

function isRaw(value: unknown): boolean {
  return (JSON as unknown as RawJson).isRawJSON(value);
}
