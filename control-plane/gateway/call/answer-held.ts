import { ERRORS } from '#shared/errors.js';
import { offers } from '#shared/mcp/client-capabilities.js';
import { lowerResult } from '#shared/mcp/eras.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { APPROVAL_PROMPT, META, type WaitsForApproval } from '#shared/mcp/meta.js';
import type { AskedApproval } from '../../policy/approvals/approval.js';
import { ASKING } from '../input/url-elicitation.js';
import { stateBinding } from '../input/state-binding.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { approvalUrl, askAgainText, waitingText } from './approval-words.js';
import type { Identified } from './post.js';
import type { CallRoute } from './route.js';

/** A held call whose record is written. */
interface HeldOnRecord {
  readonly asked: AskedApproval;
  readonly reference: string;
  /** Of the policies that decided. */
  readonly revision: string;
}

/** Whether the client can come back with a state, and go on waiting. */
export function canComeBack({ era, message }: Identified): boolean {
  return era === 'modern' && ASKING.has(message.method);
}

/**
 * Answers a held call: a client of 2026-07-28 gets a state with which it comes back, and with the first one a prompt, where it
 * has one to show; every other client learns what to do.
 */
export function answerHeld(
  parts: Pick<Parts, 'publicUrl' | 'states' | 'audit' | 'servers'>,
  request: Identified,
  to: CallRoute,
  { asked, reference, revision }: HeldOnRecord,
  isFirst: boolean,
  client: ClientResponse,
): void {
  const { publicUrl, states } = parts;
  const text = askAgainText(asked, publicUrl, reference);
  if (!canComeBack(request) || declinesToWait(request)) {
    return client.sendMessage(notMade(request, to, asked, text, reference));
  }
  const prompt = isFirst ? promptFor(request, asked, publicUrl) : undefined;
  const waits: WaitsForApproval = { id: asked.id, url: approvalUrl(publicUrl, asked.id), message: text };
  const binding = stateBinding(parts, request, to, revision);
  client.sendResult(request.id, {
    resultType: 'input_required',
    ...(prompt ? { inputRequests: { [APPROVAL_PROMPT]: prompt } } : {}),
    requestState: states.seal(binding, { kind: 'approval', id: asked.id, reference }),
    _meta: { [META.reference]: reference, [META.approval]: waits },
  });
}

/** A prompt that leads to the page; undefined where the client shows none. What is answered to it decides nothing. */
export function promptFor(
  { client: { capabilities } }: Pick<Identified, 'client'>,
  asked: AskedApproval,
  publicUrl: string,
): JsonObject | undefined {
  const message = waitingText(asked, publicUrl);
  const url = approvalUrl(publicUrl, asked.id);
  const method = 'elicitation/create';
  const byUrl = { method, params: { mode: 'url', message, url } };
  if (offers(capabilities, byUrl)) return byUrl;
  const byForm = { method, params: { message, requestedSchema: { type: 'object', properties: {} } } };
  return offers(capabilities, byForm) ? byForm : undefined;
}

/** The person does not want to wait. */
export function declinesToWait({ message }: Identified): boolean {
  const answers = message.params?.['inputResponses'];
  const answer = isObject(answers) ? answers[APPROVAL_PROMPT] : undefined;
  return isObject(answer) && typeof answer['action'] === 'string' && answer['action'] !== 'accept';
}

function notMade(
  { id, era }: Identified,
  { target }: CallRoute,
  asked: AskedApproval,
  text: string,
  reference: string,
): JsonObject {
  if (target.kind !== 'tool') {
    const data = { code: 'approval_needed', reference, approval: asked.id };
    return { jsonrpc: '2.0', id, error: { code: ERRORS.approval_needed.jsonRpc, message: text, data } };
  }
  const result = {
    resultType: 'complete',
    content: [{ type: 'text', text }],
    isError: true,
    _meta: { [META.reference]: reference },
  };
  return { jsonrpc: '2.0', id, result: era === 'modern' ? result : lowerResult('tools/call', result) };
}
