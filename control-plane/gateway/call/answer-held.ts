import { ERRORS } from '#shared/errors.js';
import { offers } from '#shared/mcp/client-capabilities.js';
import { lowerResult } from '#shared/mcp/eras.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META, type AwaitedKind, type WaitsFor } from '#shared/mcp/meta.js';
import { ASKING } from '../input/url-elicitation.js';
import { stateBinding } from '../input/state-binding.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { askAgainText, type Awaited } from './awaited.js';
import type { Identified } from './post.js';
import type { CallRoute } from './route.js';

/** A held call whose record is written. */
interface HeldOnRecord {
  readonly awaited: Awaited;
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
  parts: Pick<Parts, 'states' | 'audit' | 'servers'>,
  request: Identified,
  to: CallRoute,
  { awaited, reference, revision }: HeldOnRecord,
  isFirst: boolean,
  client: ClientResponse,
): void {
  const { kind, id, url } = awaited;
  const waits: WaitsFor = { id, url, message: askAgainText(awaited, reference) };
  const _meta = { [META.reference]: reference, [META[kind]]: waits };
  const prompt = promptFor(request, awaited);
  const isShown = prompt !== undefined || (isFirst && progressTokenOf(request) !== undefined);
  const comesBack = canComeBack(request) && (isShown || !awaited.byCaller);
  if (!comesBack || declinesToWait(request, kind)) {
    return client.sendMessage(notMade(request, to, awaited, { text: waits.message, _meta }));
  }
  const binding = stateBinding(parts, request, to, revision);
  client.sendResult(request.id, {
    resultType: 'input_required',
    ...(isFirst && prompt ? { inputRequests: { [kind]: prompt } } : {}),
    requestState: parts.states.seal(binding, { kind, id, reference }),
    _meta,
  });
}

/** A prompt that leads to the page; undefined where the client shows none. What is answered to it decides nothing. */
export function promptFor(
  { client: { capabilities } }: Pick<Identified, 'client'>,
  { waiting: message, url }: Awaited,
): JsonObject | undefined {
  const method = 'elicitation/create';
  const byUrl = { method, params: { mode: 'url', message, url } };
  if (offers(capabilities, byUrl)) return byUrl;
  const byForm = { method, params: { message, requestedSchema: { type: 'object', properties: {} } } };
  return offers(capabilities, byForm) ? byForm : undefined;
}

/** The person does not want to wait. */
export function declinesToWait({ message }: Identified, kind: AwaitedKind): boolean {
  const answers = message.params?.['inputResponses'];
  const answer = isObject(answers) ? answers[kind] : undefined;
  return isObject(answer) && typeof answer['action'] === 'string' && answer['action'] !== 'accept';
}

/** Under which the client hears of progress (MCP, Progress). */
export function progressTokenOf({ message }: Identified): string | number | undefined {
  const meta = message.params?.['_meta'];
  const token = isObject(meta) ? meta['progressToken'] : undefined;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}

function notMade(
  { id, era }: Identified,
  { target }: CallRoute,
  awaited: Awaited,
  { text, _meta }: { readonly text: string; readonly _meta: JsonObject },
): JsonObject {
  const code = `${awaited.kind}_needed` as const;
  if (target.kind !== 'tool') {
    const data = { code, reference: _meta[META.reference], [awaited.kind]: awaited.id };
    return { jsonrpc: '2.0', id, error: { code: ERRORS[code].jsonRpc, message: text, data } };
  }
  const result = { resultType: 'complete', content: [{ type: 'text', text }], isError: true, _meta };
  return { jsonrpc: '2.0', id, result: era === 'modern' ? result : lowerResult('tools/call', result) };
}
