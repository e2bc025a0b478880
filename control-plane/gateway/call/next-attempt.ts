import { isDeepStrictEqual } from 'node:util';
import { CodedError, ERRORS } from '#shared/errors.js';
import type { Era } from '#shared/mcp/meta.js';
import { answeredByClient } from '../input/legacy-answers.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import type { RelayedResponse } from '../relay/relay.js';
import { decideCall } from './deny.js';
import { argumentHeaders } from './argument-headers.js';
import type { CallUnderWay } from './finish.js';
import { listOnRecord } from './list-on-record.js';
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
  /** In which the server answered. */
  readonly era: Era;
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
  { round, attempt, status, era, relayed }: Round,
  client: ClientResponse,
): Promise<Attempt | undefined> {
  const { request, to } = underWay;
  if (!attempt.learnt && refusesHeaders(era, status, relayed)) {
    const paramHeaders = await learntHeaders(parts, underWay);
    // The list may have shown another definition of the tool than the one that was accepted.
    if (decideCall(parts, request.origin, to).decision.outcome === 'deny') return undefined;
    if (isDeepStrictEqual(paramHeaders, attempt.paramHeaders)) return undefined;
    return { ...attempt, paramHeaders, learnt: true };
  }
  if (!relayed.facts.inputRequired || to.target.kind === 'method') return undefined;
  if (round > MAX_ROUNDS) {
    throw new CodedError('upstream_invalid', { detail: `the server asked more than ${MAX_ROUNDS} times` });
  }
  const message = await answeredByClient(parts, request, to.message, relayed, client);
  return { ...attempt, message, asked: true };
}

/** The server wants headers that we would have made, had we known its tool; with a 400 it says that it did nothing. */
function refusesHeaders(era: Era, status: number, { facts }: RelayedResponse): boolean {
  return era === 'modern' && status === 400 && facts.errorCode === ERRORS.header_mismatch.jsonRpc;
}

/** What the server's list says now (MCP 2026-07-28, streamable HTTP, Client Behavior); without a list, nothing. */
async function learntHeaders(parts: Parts, { request, to }: CallUnderWay): Promise<Record<string, string>> {
  await listOnRecord(parts, request, to.server, 'tools/list').catch(() => undefined);
  return argumentHeaders(parts, request, to, {});
}
