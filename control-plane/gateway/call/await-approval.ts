import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';
import type { AskedApproval } from '../../policy/approvals/approval.js';
import { askLegacy } from '../input/asked.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { canComeBack, declinesToWait, promptFor } from './answer-held.js';
import { waitingText } from './approval-words.js';
import type { Identified } from './post.js';

/** Milliseconds that one request of a client which comes back waits. */
const COMING_BACK = 20_000;
/** And that of one which cannot: many give up on a call after a minute. */
const PATIENCE = 45_000;
/** A second of waiting, so small that the server's own progress is always more (MCP, Progress: it must increase). */
const PROGRESS_STEP = 1e-6;

type Waits = Pick<Parts, 'approvals' | 'clientRequests' | 'publicUrl'>;

/**
 * Waits for the decision about a held call, for as long as this client is likely to. True where the call is to be judged anew;
 * false where the client is to be answered at once. Rejects with the reason of the call's end.
 */
export async function awaitApproval(
  parts: Waits,
  request: Identified,
  asked: AskedApproval,
  cameBack: boolean,
  client: ClientResponse,
): Promise<boolean> {
  if (!canComeBack(request)) return promptLegacy(parts, request, asked, client);
  if (!cameBack || declinesToWait(request)) return false;
  tellProgress(parts, request, asked, client);
  await parts.approvals.waitFor(asked.id, COMING_BACK, request.call.signal);
  return true;
}

async function promptLegacy(
  parts: Waits,
  request: Identified,
  asked: AskedApproval,
  client: ClientResponse,
): Promise<boolean> {
  const { era, session, call } = request;
  const prompt = era === 'legacy' ? promptFor(request, asked, parts.publicUrl) : undefined;
  if (prompt === undefined || session === undefined) return false;
  client.beginEvents();
  const over = new AbortController();
  const signal = AbortSignal.any([call.signal, over.signal]);
  const { method, params } = prompt;
  const elicitation = isObject(params) && params['mode'] === 'url' ? { ...params, elicitationId: asked.id } : params;
  const answered = askLegacy(parts, session.sid, { jsonrpc: '2.0', method, params: elicitation }, client, { signal });
  try {
    await Promise.race([parts.approvals.waitFor(asked.id, PATIENCE, signal), declined(answered)]);
    call.signal.throwIfAborted();
    return true;
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

function tellProgress(
  { publicUrl }: Pick<Parts, 'publicUrl'>,
  { message }: Identified,
  asked: AskedApproval,
  client: ClientResponse,
): void {
  const meta = message.params?.['_meta'];
  const token = isObject(meta) ? meta['progressToken'] : undefined;
  if (typeof token !== 'string' && typeof token !== 'number') return;
  client.beginEvents();
  const progress = PROGRESS_STEP * Math.max(1, (Date.now() - asked.askedAt) / 1_000);
  const params = { progressToken: token, progress, message: waitingText(asked, publicUrl) };
  client.sendEvent({ jsonrpc: '2.0', method: 'notifications/progress', params });
}
