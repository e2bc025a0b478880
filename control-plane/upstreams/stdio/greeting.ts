import { BATCH_VERSION } from '#shared/mcp/batch.js';
import { CodedError } from '#shared/errors.js';
import { discoverResult, liftRequest } from '#shared/mcp/eras.js';
import type { JsonObject, JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import { parseMessage, readResponseEvent, readWhole } from '../answer-body.js';
import { eraVerdict } from '../era-verdict.js';
import { initializeParams, initializeResultOf } from '../legacy-protocol.js';
import { PRODUCT } from '../../observability/product.js';
import type { ClientSide } from '../upstream-request.js';
import type { StdioPeer } from './stdio-peer.js';

const LIMIT = 1024 * 1024;

export interface Probe {
  readonly era: Era;
  /** The `server/discover` result of a modern server. */
  readonly result: JsonObject | undefined;
}

/**
 * Asks `server/discover`. Whatever is no modern answer within `wait` milliseconds means legacy: an error of any code,
 * silence, or the end of the server (MCP 2026-07-28, stdio, Backward Compatibility).
 */
export async function probe(peer: StdioPeer, wait: number): Promise<Probe> {
  try {
    const answer = await ask(peer, discoverRequest(), wait);
    const era = eraVerdict(200, answer) ?? 'legacy';
    return { era, result: era === 'modern' && isObject(answer['result']) ? answer['result'] : undefined };
  } catch {
    return { era: 'legacy', result: undefined };
  }
}

export interface Greeting {
  readonly era: Era;
  /** What the server says of itself, as a `server/discover` result. */
  readonly description: JsonObject;
}

/** Begins to speak with a server whose era is known, or guessed from its silence. */
export async function greet(peer: StdioPeer, era: Era, client: ClientSide, wait: number): Promise<Greeting> {
  if (era === 'modern') return await discover(peer, wait);
  const params = initializeParams(client);
  const answer = await ask(peer, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, wait);
  // A modern server that was slow to start was silent when it was probed.
  if (isObject(answer['error'])) return await discover(peer, wait);
  const { initialize, version } = initializeResultOf(answer);
  peer.batches = version === BATCH_VERSION;
  peer.notify('notifications/initialized');
  return { era, description: discoverResult(initialize) };
}

async function discover(peer: StdioPeer, wait: number): Promise<Greeting> {
  const answer = await ask(peer, discoverRequest(), wait);
  const { result } = answer;
  if (isObject(result) && eraVerdict(200, answer) === 'modern') return { era: 'modern', description: result };
  throw new CodedError('upstream_invalid', { detail: 'neither initialize nor server/discover was answered as MCP' });
}

function discoverRequest(): JsonRpcRequest {
  const request: JsonRpcRequest = { jsonrpc: '2.0', id: 0, method: 'server/discover' };
  return liftRequest(request, { clientInfo: { ...PRODUCT }, capabilities: {} });
}

async function ask(peer: StdioPeer, message: JsonRpcRequest, wait: number): Promise<JsonObject> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(neverReady(wait)), wait);
  try {
    return await answerTo(peer, message, wait, late.signal);
  } finally {
    clearTimeout(timer);
  }
}

async function answerTo(
  peer: StdioPeer,
  message: JsonRpcRequest,
  wait: number,
  signal: AbortSignal,
): Promise<JsonObject> {
  const { answer } = peer.send(message, signal, { firstByte: wait, idle: wait, held: LIMIT });
  const form = await answer.head;
  const read =
    form === 'events' ? await readResponseEvent(answer, LIMIT) : parseMessage(await readWhole(answer, LIMIT));
  if (read === undefined) throw new CodedError('upstream_invalid', { detail: 'the answer is not JSON-RPC' });
  return read;
}

function neverReady(wait: number): CodedError {
  return new CodedError('upstream_timeout', {
    message: `The MCP server was started and did not answer within ${wait / 1_000} s. The call was not made.`,
  });
}
