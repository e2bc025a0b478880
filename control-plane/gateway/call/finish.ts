import { asCoded, CodedError } from '#shared/errors.js';
import type { RecordFacts } from '../../audit/record.js';
import { redactText } from '../../credentials/redaction.js';
import { credentialFacts } from '../../credentials/credential-facts.js';
import type { Injection } from '../../credentials/injection.js';
import { shown } from '../../observability/logger.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import type { RelayedResponse } from '../relay/relay.js';
import { afterSending } from './after-sending.js';
import { captureResult } from './capture-result.js';
import { outcomeOf, outcomeOfError, writeOutcome } from './outcome.js';
import type { Intent } from './intent.js';
import type { Identified } from './post.js';
import { refuse, type Refused } from './refuse.js';
import { ConsentNeeded } from './refused-credential.js';
import type { CallRoute } from './route.js';

/** A call that was allowed, and what is noted of it on its way. */
export interface CallUnderWay {
  readonly request: Identified;
  readonly to: CallRoute;
  readonly intent: Intent;
  injection?: Injection;
  /** From here on, nobody can say that the call was not made. */
  sent?: boolean;
  /** By `performance.now()`. */
  sentAt?: number;
  /** HTTP status of the server's answer. */
  status?: number;
}

/**
 * Runs the steps that leave the house, records the outcome (step 9) and only then lets the answer end. Resolves with what the
 * call needs where it was not made for want of the person's consent: then nothing is answered yet.
 */
export async function finish(
  parts: Parts,
  underWay: CallUnderWay,
  client: ClientResponse,
  refused: Refused,
  steps: () => Promise<RelayedResponse>,
): Promise<ConsentNeeded | undefined> {
  const capture = captureResult(parts, underWay.to, client);
  const result = await settled(steps, underWay.request.call.signal);
  const { request, to, intent, injection, sent = false } = underWay;
  const outcome = result.relayed
    ? outcomeOf(result.relayed.facts, injection?.secrets ?? [])
    : outcomeOfError(result.error);
  request.observation.called({ sentAt: underWay.sentAt, relayed: result.relayed !== undefined }, outcome);
  const finished = {
    origin: request.origin,
    server: to.server,
    target: to.target,
    intent,
    credential: injection === undefined ? {} : credentialFacts(injection),
    bytes: client.bytes + (result.relayed?.rest.length ?? 0),
    answer: answerFacts(underWay, result),
    kept: capture?.end(result.relayed?.rest) ?? {},
  };
  const unwritten = await request.observation.step('audit outcome', () => writeOutcome(parts.audit, finished, outcome));
  if (result.error instanceof ConsentNeeded && !unwritten) return result.error;
  if (result.error) {
    logFailure(parts, underWay, result.error);
    refuse(client, { ...refused, sent }, sent ? afterSending(result.error) : result.error, { reference: intent.id });
  } else if (unwritten) {
    refuse(client, { ...refused, sent }, unrecorded(), { reference: intent.id });
  } else {
    client.endMessage(result.relayed.rest);
    client.end();
  }
  return undefined;
}

type Result =
  | { readonly relayed: RelayedResponse; readonly error?: never }
  | { readonly relayed?: never; readonly error: CodedError };

function answerFacts({ status }: CallUnderWay, { relayed }: Result): Pick<RecordFacts, 'status' | 'redactions'> {
  const redactions = relayed?.redactions ?? 0;
  return { ...(status === undefined ? {} : { status }), ...(redactions === 0 ? {} : { redactions }) };
}

async function settled(steps: () => Promise<RelayedResponse>, signal: AbortSignal): Promise<Result> {
  try {
    return { relayed: await steps() };
  } catch (error) {
    return { error: asCoded(signal.aborted ? signal.reason : error) };
  }
}

function unrecorded(): CodedError {
  return new CodedError('outcome_unknown', {
    message: 'The call was made, but what came of it could not be recorded. Treat its outcome as unknown.',
  });
}

function logFailure({ logger }: Parts, { to, intent, injection }: CallUnderWay, { code, detail }: CodedError): void {
  logger.warn('gateway.call-failed', {
    server: shown(to.server),
    reference: shown(intent.id),
    code: shown(code),
    detail: shown(redactText(injection?.secrets ?? [], detail ?? '')),
  });
}
