import { isDeepStrictEqual } from 'node:util';
import { CodedError, ERRORS } from '#shared/errors.js';
import { answeredByClient } from '../input/legacy-answers.js';
import { fetchList } from '../lists/fetch-list.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import type { RelayedResponse } from '../relay/relay.js';
import { argumentHeaders } from './argument-headers.js';
import type { CallUnderWay } from './finish.js';
import { listScope } from './post.js';
import type { Attempt } from './send.js';

/** Times that a modern server may want more before one call of a legacy client is done. */
const MAX_ROUNDS = 10;

/** How one round ended. */
interface Round {
  /** From 1. */
  readonly round: number;
  readonly attempt: Attempt;
  /** HTTP status of the server's answer. */
  readonly status: number;
  readonly relayed: RelayedResponse;
}

/**
 * What is sent next for a legacy client, who knows nothing of what a modern server may want before it answers: input of
 * the person, or arguments as headers. Undefined where the response is the client's. Throws `upstream_invalid` where a
 * server asks without an end.
 */
export async function nextAttempt(
  parts: Parts,
  underWay: CallUnderWay,
  { round, attempt, status, relayed }: Round,
  client: ClientResponse,
): Promise<Attempt | undefined> {
  const { request, to } = underWay;
  if (refusesHeaders(status, relayed)) {
    if (round > MAX_ROUNDS) return undefined;
    const paramHeaders = await learntHeaders(parts, underWay);
    return isDeepStrictEqual(paramHeaders, attempt.paramHeaders) ? undefined : { ...attempt, paramHeaders };
  }
  if (!relayed.facts.inputRequired || to.target.kind === 'method') return undefined;
  if (round > MAX_ROUNDS) {
    throw new CodedError('upstream_invalid', { detail: `the server asked more than ${MAX_ROUNDS} times` });
  }
  const message = await answeredByClient(parts, request, to.message, relayed, client);
  return { ...attempt, message, asked: true };
}

/** The server wants headers that we would have made, had we known its tool; with a 400 it says that it did nothing. */
function refusesHeaders(status: number, { facts }: RelayedResponse): boolean {
  return status === 400 && facts.errorCode === ERRORS.header_mismatch.jsonRpc;
}

/** What the server's list says now (MCP 2026-07-28, streamable HTTP, Client Behavior); without a list, nothing. */
async function learntHeaders(parts: Parts, { request, to }: CallUnderWay): Promise<Record<string, string>> {
  await fetchList(parts, to.server, 'tools/list', listScope(request)).catch(() => undefined);
  return argumentHeaders(parts, request, to, {});
}
