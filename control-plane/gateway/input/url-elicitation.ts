import { offers } from '#shared/mcp/client-capabilities.js';
import { CodedError } from '#shared/errors.js';
import { parseExactly } from '#shared/mcp/exact-json.js';
import { isObject, type JsonObject, type JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import type { UsedApproval } from '../../policy/approvals/approval.js';
import type { Identified } from '../call/post.js';
import type { Begun } from '../call/redact.js';
import type { RelayedResponse } from '../relay/relay.js';
import type { HeldState, RequestStates, StateBinding } from './request-state.js';
import { responseOf } from './required.js';

/** `URLElicitationRequiredError` of 2025-11-25 (Elicitation); the current revision asks by `input_required`. */
const URL_ELICITATION_REQUIRED = -32042;
/** Methods that a modern server may answer with `input_required` (MCP 2026-07-28, multi round-trip requests). */
export const ASKING: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);
const MAX_URLS = 16;

/** A legacy server refuses a modern client's request until the person has opened an address. What has partly left stays what it is. */
export function requiresUrls({ era, message }: Identified, begun: Begun, { facts, whole }: RelayedResponse): boolean {
  const refused = whole && begun.era === 'legacy' && facts.errorCode === URL_ELICITATION_REQUIRED;
  return refused && era === 'modern' && ASKING.has(message.method);
}

/** Such a refusal as a modern server would put it; as it is, where the client does not open addresses. */
export function urlsRequired(
  states: RequestStates,
  binding: StateBinding,
  { client: { capabilities } }: Identified,
  relayed: RelayedResponse,
  approval: UsedApproval | undefined,
): RelayedResponse {
  const message = parseExactly(relayed.rest.toString()) as JsonObject;
  const requests = elicitationsOf(message['error']).map(({ elicitationId: _id, ...params }) => ({
    method: 'elicitation/create',
    params: { ...params, mode: 'url' },
  }));
  const askable = requests.length > 0 && requests.length <= MAX_URLS;
  if (!askable || !requests.every((request) => offers(capabilities, request))) return relayed;
  const result = {
    resultType: 'input_required',
    inputRequests: Object.fromEntries(requests.map((request, index) => [keyOf(index), request])),
    requestState: states.seal(binding, { kind: 'urls', count: requests.length }, approval),
  };
  return responseOf({ jsonrpc: '2.0', id: message['id'], result });
}

/** The person has agreed to open every address. Throws `question_unanswered`: then the server is not asked again. */
export function requireOpened({ params }: JsonRpcRequest, { count }: Extract<HeldState, { kind: 'urls' }>): void {
  const given = params?.['inputResponses'];
  const answers = Array.from({ length: count }, (_, index) => (isObject(given) ? given[keyOf(index)] : undefined));
  if (answers.every((answer) => isObject(answer) && answer['action'] === 'accept')) return;
  throw new CodedError('question_unanswered', {
    message: 'The MCP server wants a page to be opened first, and it was not. The call was not made.',
  });
}

function elicitationsOf(error: unknown): readonly JsonObject[] {
  const data = isObject(error) ? error['data'] : undefined;
  const elicitations = isObject(data) ? data['elicitations'] : undefined;
  const valid = Array.isArray(elicitations) && elicitations.every((one) => isObject(one) && isWebAddress(one['url']));
  return valid ? (elicitations as readonly JsonObject[]) : [];
}

function isWebAddress(url: unknown): boolean {
  return typeof url === 'string' && /^https?:/.test(url) && URL.canParse(url);
}

function keyOf(index: number): string {
  return `url-${index + 1}`;
}
