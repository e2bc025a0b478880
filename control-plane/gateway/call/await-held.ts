import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import { askLegacy } from '../input/asked.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { canComeBack, declinesToWait, progressTokenOf, promptFor } from './answer-held.js';
import type { Awaited } from './awaited.js';
import type { Identified } from './post.js';

/** Milliseconds that one request of a client which comes back waits. */
const COMING_BACK = 20_000;
/** And that of one which cannot, but shows a prompt: many give up on a call after a minute. */
const PATIENCE = 45_000;
/** And that of one which can say no more than that it waits: its person may not see it. */
const BRIEFLY = 20_000;
/** A second of waiting, so small that the server's own progress is always more (MCP, Progress: it must increase). */
const PROGRESS_STEP = 1e-6;

/**
 * Waits with a held call, for as long as this client is likely to. True where the call is to be judged anew; false where the
 * client is to be answered at once. Rejects with the reason of the call's end.
 */
export async function awaitHeld(
  parts: Pick<Parts, 'clientRequests'>,
  request: Identified,
  awaited: Awaited,
  cameBack: boolean,
  client: ClientResponse,
): Promise<boolean> {
  if (!canComeBack(request)) return awaitLegacy(parts, request, awaited, client);
  if (!cameBack || declinesToWait(request, awaited.kind)) return false;
  tellProgress(request, awaited, client);
  await awaited.waitFor(COMING_BACK, request.call.signal);
  return true;
}

async function awaitLegacy(
  parts: Pick<Parts, 'clientRequests'>,
  request: Identified,
  awaited: Awaited,
  client: ClientResponse,
): Promise<boolean> {
  const { era, session } = request;
  const prompt = era === 'legacy' ? promptFor(request, awaited) : undefined;
  if (prompt !== undefined && session !== undefined) {
    await promptLegacy(parts, request, { awaited, prompt, sid: session.sid }, client);
    return true;
  }
  if (!awaited.byCaller || !tellProgress(request, awaited, client)) return false;
  await awaited.waitFor(BRIEFLY, request.call.signal);
  return true;
}

async function promptLegacy(
  parts: Pick<Parts, 'clientRequests'>,
  { call }: Identified,
  { awaited, prompt, sid }: { readonly awaited: Awaited; readonly prompt: JsonObject; readonly sid: string },
  client: ClientResponse,
): Promise<void> {
  client.beginEvents();
  const over = new AbortController();
  const signal = AbortSignal.any([call.signal, over.signal]);
  const { method, params } = prompt;
  const elicitation = isObject(params) && params['mode'] === 'url' ? { ...params, elicitationId: awaited.id } : params;
  const answered = askLegacy(parts, sid, { jsonrpc: '2.0', method, params: elicitation }, client, { signal });
  try {
    await Promise.race([awaited.waitFor(PATIENCE, signal), declined(answered)]);
    call.signal.throwIfAborted();
  } finally {
    over.abort();
  }
}

/** Resolves where the person does not want to wait; whatever else they answer says nothing. */
async function declined(answered: Promise<JsonObject>): Promise<void> {
  const { result } = await answered;
  const action = isObject(result) ? result['action'] : undefined;
  if (action === 'decline' || action === 'cancel') return;
  await new Promise(() => undefined);
}

/** False where the client hears of no progress. */
function tellProgress(request: Identified, { askedAt, waiting }: Awaited, client: ClientResponse): boolean {
  const progressToken = progressTokenOf(request);
  if (progressToken === undefined) return false;
  client.beginEvents();
  const progress = PROGRESS_STEP * Math.max(1, (Date.now() - askedAt) / 1_000);
  const params = { progressToken, progress, message: waiting };
  client.sendEvent({ jsonrpc: '2.0', method: 'notifications/progress', params });
  return true;
}
