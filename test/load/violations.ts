import { ERRORS } from '#shared/errors.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { knowledgeOf } from '../faults/violations.js';
import type { ReceivedCall } from '../faults/received-calls.js';
import type { LoadSession } from './load-session.js';
import { responseOf, textOf, wantedText, type HeardRequest, type StreamedCall } from './streamed-call.js';

/**
 * Every breach of what a stream promises: one answer or one error to each request and nothing after it, progress of its
 * own call alone and in order, a result that is its own, an error that says what is known, no call delivered twice.
 */
export function violations(calls: readonly StreamedCall[], received: readonly ReceivedCall[]): string[] {
  const times = Map.groupBy(received, ({ name }) => name);
  const twice = [...times].filter(([, seen]) => seen.length > 1).map(([name]) => `${name}: delivered twice`);
  return [...calls.flatMap((call) => ofCall(call, times.has(call.name))), ...twice];
}

/** Upstream sessions, streams and processes that two of the load's sessions have heard of. */
export function sharedHomes(sessions: readonly Pick<LoadSession, 'name' | 'homes'>[]): string[] {
  const heard = sessions.flatMap(({ name, homes }) => [...homes].map((home) => ({ name, home })));
  const byHome = Map.groupBy(heard, ({ home }) => home);
  return [...byHome]
    .filter(([, by]) => by.length > 1)
    .map(([home, by]) => `${home}: ${by.map(({ name }) => name).join(', ')}`);
}

function ofCall(call: StreamedCall, received: boolean): string[] {
  const { name, requests, broken } = call;
  if (broken !== undefined) return [`${name}: ${broken}`];
  const last = requests.at(-1);
  const response = last && responseOf(last);
  if (response === undefined) return [`${name}: no answer`];
  return [
    ...requests.flatMap((request) => wrongOrder(name, request)),
    ...requests.slice(0, -1).flatMap((request) => unaskedRound(name, responseOf(request))),
    ...wrongProgress(call, textOf(response) === wantedText(call)),
    ...wrongAnswer(call, response, received),
  ];
}

/** Everything that a request heard comes before its one response. */
function wrongOrder(name: string, { id, heard }: HeardRequest): string[] {
  const responses = heard.filter((message) => message['method'] === undefined);
  return [
    ...(responses.length === 1 ? [] : [`${name}: ${responses.length} answers to ${id}`]),
    ...(responses.every((response) => response['id'] === id) ? [] : [`${name}: the answer to ${id} has another id`]),
    ...(heard.at(-1)?.['method'] === undefined ? [] : [`${name}: something came after the answer to ${id}`]),
  ];
}

function unaskedRound(name: string, response: JsonObject | undefined): string[] {
  const result = response?.['result'];
  const asked = isObject(result) && result['resultType'] === 'input_required';
  return asked ? [] : [`${name}: a further round that nobody asked for`];
}

/** From 1 on without a gap; up to the last step where the call is done. */
function wrongProgress({ name, steps, requests }: StreamedCall, done: boolean): string[] {
  const notes = requests.flatMap(({ heard }) => heard).filter(({ method }) => method === 'notifications/progress');
  const said = notes.map(({ params }) => (isObject(params) ? params : {}));
  const foreign = said.filter(({ progressToken, message }) => progressToken !== name || message !== name);
  const order = said.map(({ progress }) => progress);
  const inOrder = order.every((progress, index) => progress === index + 1) && (!done || order.length === steps);
  return [
    ...foreign.map((params) => `${name}: progress of another call: ${JSON.stringify(params)}`),
    ...(inOrder ? [] : [`${name}: progress ${order.join(' ')} of ${steps}`]),
  ];
}

function wrongAnswer(call: StreamedCall, response: JsonObject, received: boolean): string[] {
  const { name } = call;
  if (textOf(response) === wantedText(call)) return received ? [] : [`${name}: done, and never received`];
  const { error } = response;
  const data = isObject(error) ? error['data'] : undefined;
  const code = isObject(data) ? data['code'] : undefined;
  if (!isObject(error) || typeof code !== 'string' || !Object.hasOwn(ERRORS, code)) {
    return [`${name}: neither its result nor an error of ours: ${JSON.stringify(response)}`];
  }
  const known = knowledgeOf(call, String(error['message']));
  if (known === undefined) return [`${name}: says nothing of what is known: ${JSON.stringify(error)}`];
  return known === 'not made' && received ? [`${name}: received, and answered: ${JSON.stringify(error)}`] : [];
}
