import type { Approver } from '../../policy/approvals/approval.js';
import { postModern } from './mcp-post.js';
import type { OpenGateway } from './open-gateway.js';
import { sendJson, sendResult, textResult, UpstreamServer } from './upstream-server.js';

/** By real policies: `delete` needs somebody of the leads, `wipe` somebody of the leads and somebody of security. */
export const APPROVAL_POLICIES = `
@id("reading") @reason("Engineering reads.")
permit(principal in Mcp::Group::"idp/engineering", action in Mcp::Action::"read", resource in Mcp::Server::"crm");
@id("two-people") @reason("Deleting needs a second person.") @require_approval("idp/leads")
permit(principal in Mcp::Group::"idp/engineering", action in Mcp::Action::"destroy", resource in Mcp::Server::"crm");
@id("leads") @reason("Wiping needs a lead.") @require_approval("idp/leads")
permit(principal in Mcp::Group::"idp/engineering", action in Mcp::Action::"write", resource in Mcp::Server::"crm");
@id("security") @reason("Wiping needs security.") @require_approval("idp/security")
permit(principal in Mcp::Group::"idp/engineering", action in Mcp::Action::"write", resource in Mcp::Server::"crm");
`;

export const APPROVAL_TOOLS = {
  get: { effect: 'read' },
  delete: { effect: 'destroy' },
  ask: { effect: 'destroy' },
  wipe: { effect: 'write' },
} as const;

/** A server whose `ask` asks once in between. */
export async function approvedServer(): Promise<UpstreamServer> {
  return UpstreamServer.modern((request, response) => {
    const { id, method, params } = request.message;
    const name = String(params?.['name']);
    if (method === 'tools/call' && name === 'ask' && params?.['inputResponses'] === undefined) {
      const inputRequests = { q: { method: 'elicitation/create', params: { message: 'Sure?', requestedSchema: {} } } };
      return sendResult(response, request, { resultType: 'input_required', inputRequests, requestState: 'theirs' });
    }
    if (method === 'tools/call') return sendResult(response, request, textResult(`did ${name}`));
    return sendJson(response, 404, { jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } });
  });
}

/** Somebody who signed in a moment ago. */
export function approver(name: string, groups: readonly string[], more: Partial<Approver> = {}): Approver {
  const email = `${name}@acme.example`;
  const person = { id: `usr_${name}`, provider: 'idp', issuer: 'https://idp.example', subject: name, email, name };
  return { person, groups, authTime: Date.now(), address: '192.0.2.1', ...more };
}

export interface HeldAnswer {
  /** Of the approval. */
  readonly id: string;
  readonly requestState: string;
}

/** The answer to a call: its text or the code of its error, or `held` with what it waits for. */
export interface CallAnswer {
  readonly text: string;
  readonly held: HeldAnswer | undefined;
}

/** One call of alice's, or of somebody else's, with a state where it comes back. */
export async function callTool(
  gateway: OpenGateway,
  name: string,
  args: object,
  more: object = {},
  as = 'alice',
): Promise<CallAnswer> {
  const { message } = await postModern(
    `${gateway.url}/mcp/crm`,
    'tools/call',
    { name, arguments: args, ...more },
    { as },
  );
  const { result, error } = message;
  const waits = (result?.['_meta'] as Record<string, { id: string } | undefined> | undefined)?.['dev.mcp-sso/approval'];
  const requestState = String(result?.['requestState']);
  const held = result?.['resultType'] === 'input_required' ? { id: waits?.id ?? '', requestState } : undefined;
  return { text: result?.content?.[0]?.text ?? codeOf(error), held };
}

/** A call that has to wait. Throws where it does not. */
export async function heldCall(gateway: OpenGateway, name: string, args: object, as?: string): Promise<HeldAnswer> {
  const { held, text } = await callTool(gateway, name, args, {}, as);
  if (held) return held;
  throw new Error(`The call was not held: ${text}`);
}

function codeOf(error: { readonly data?: Record<string, unknown> } | undefined): string {
  const code = error?.data?.['code'];
  return typeof code === 'string' ? code : '';
}
