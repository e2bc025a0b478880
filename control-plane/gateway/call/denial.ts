import { PATHS } from '#shared/api/paths.js';
import { ERRORS } from '#shared/errors.js';
import { lowerResult } from '#shared/mcp/eras.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import { META, type Era } from '#shared/mcp/meta.js';
import type { Decision } from '../../policy/decision.js';
import type { Target } from './route.js';

/**
 * The answer to a refused call. For a tool it is a result, so that the model reads it and can tell the person;
 * for the rest, and where the policy itself failed, a JSON-RPC error.
 */
export function denialMessage(
  id: RequestId,
  era: Era,
  target: Target,
  decision: Decision,
  reference: string,
  publicUrl: string,
): JsonObject {
  const text = denialText(target, decision, reference, publicUrl);
  if (target.kind !== 'tool' || decision.failed) {
    const code = decision.failed ? 'policy_failed' : decision.connection ? 'connection_needed' : 'policy_denied';
    const data = { code, reference };
    return { jsonrpc: '2.0', id, error: { code: ERRORS[code].jsonRpc, message: text, data } };
  }
  const result = {
    resultType: 'complete',
    content: [{ type: 'text', text }],
    isError: true,
    _meta: { [META.reference]: reference },
  };
  return { jsonrpc: '2.0', id, result: era === 'modern' ? result : lowerResult('tools/call', result) };
}

function denialText(target: Target, decision: Decision, reference: string, publicUrl: string): string {
  if (decision.connection) return `${decision.reason} Reference: ${reference}.`;
  const who = decision.failed ? ERRORS.policy_failed.text : decidedBy(decision);
  return `${who} Reference: ${reference}. ${wayOut(target, decision, reference, publicUrl)}`;
}

/** A grant fills the want of a permission; it lifts no `forbid`, and opens no method. */
function wayOut({ kind }: Target, { failed, held, policies }: Decision, reference: string, publicUrl: string): string {
  if (failed || held === true || policies.length > 0 || kind === 'method') {
    return 'To ask for access, give this reference to your mcp-sso administrator.';
  }
  const page = `${publicUrl}${PATHS.approvalsPage}?request=${reference}`;
  return `To ask for access: mcp-sso grants request ${reference} --reason "…" or open ${page}`;
}

function decidedBy({ policies, reason }: Decision): string {
  const named = policies.length === 0 ? '' : ` (policy ${policies.join(', ')})`;
  return `Company policy denied this call${named}: ${reason}`;
}
