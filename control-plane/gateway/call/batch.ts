import { BATCH_VERSION, BATCHES_REFUSED } from '#shared/mcp/batch.js';
import { CodedError } from '#shared/errors.js';
import type { Caller } from '../../identity/caller.js';
import { requireSession } from '../eras/legacy-client.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import type { Post } from './post.js';
import type { ReceivedBatch, ReceivedMessage, ReceivedRequest } from './receive.js';

type Notice = Exclude<ReceivedMessage, ReceivedRequest>;

/** Throws `request_invalid` where the client's session did not agree on the revision that has batches. */
export function requireBatches(parts: Parts, { request, server }: Post, caller: Caller): void {
  const { version } = requireSession(parts, caller, request.headers, server);
  if (version !== BATCH_VERSION) throw new CodedError('request_invalid', { message: BATCHES_REFUSED });
}

/**
 * Takes the messages of a batch at once, each by itself: its own call, decision, records and answer. The answers share
 * one event stream (2025-03-26, Sending Messages to the Server). Throws, where no request is among them, what became of
 * the first notification that failed.
 */
export async function answerBatch(
  { messages }: ReceivedBatch,
  client: ClientResponse,
  answerRequest: (request: ReceivedRequest, to: ClientResponse) => Promise<void>,
  takeNotice: (notice: Notice) => Promise<void>,
): Promise<void> {
  const places = client.split(messages.filter(({ kind }) => kind === 'request').length);
  const answered = places.length > 0;
  const taken = await Promise.allSettled(
    messages.map((message) =>
      message.kind === 'request' ? answerRequest(message, places.shift()!) : takeNotice(message),
    ),
  );
  if (answered) return;
  const failed = taken.find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
  client.sendStatus(202);
}
