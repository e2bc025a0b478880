import { CodedError } from '#shared/errors.js';
import { liftRequest } from '#shared/mcp/eras.js';
import type { JsonRpcNotification } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { correlate, correlated } from '../../correlation/correlate.js';
import type { Caller } from '../../identity/caller.js';
import { legacyClient, modernClient } from '../eras/client-side.js';
import { requestKey, requireSession } from '../eras/legacy-client.js';
import type { LegacyClientSession } from '../eras/legacy-session.js';
import { withDeadline } from '../lists/deadline.js';
import { mayUse } from '../lists/visibility.js';
import { serverExists, type Parts } from '../parts.js';
import { askedBy } from './asked-by.js';
import { claimedClient, decisionFacts, recordOf, type Origin } from './call-record.js';
import { judge } from './decide.js';
import { scopeOf } from './forward.js';
import { withoutApproval } from './judge-approval.js';
import { keepConfirmed } from './keep-confirmed.js';
import type { Post } from './post.js';
import { withCredential } from './with-credential.js';
import type { ReceivedMessage, ReceivedRequest } from './receive.js';
import { namesTarget } from './route.js';
import { judgeSignIn, stepUpNeeded } from './step-up.js';
import { targetOnRecord } from './target-on-record.js';

/** They are about the hop between the client and us. */
const ENDS_HERE = new Set(['notifications/initialized', 'notifications/progress']);
const ROOTS_CHANGED = 'notifications/roots/list_changed';
/** Milliseconds. */
const DELIVERY = 10_000;

/** A notification, or the answer to a server's request. Throws where it can't be taken. */
export async function takeNotice(
  parts: Parts,
  post: Post,
  caller: Caller,
  received: Exclude<ReceivedMessage, ReceivedRequest>,
): Promise<void> {
  const legacy = received.era === 'legacy';
  const session = legacy ? requireSession(parts, caller, post.request.headers, post.server) : undefined;
  if (received.kind === 'response') {
    if (session) parts.clientRequests.answer(session.sid, received.message);
    return;
  }
  const { method, params } = received.message;
  if (method === 'notifications/cancelled') {
    if (session && isObject(params)) parts.calls.cancel(caller.session.id, requestKey(session, params['requestId']));
  } else if (namesTarget(method)) {
    // A server that answers what asks for no answer would do what policy did not judge.
    throw new CodedError('request_invalid', { message: 'A request needs an id.' });
  } else if (!ENDS_HERE.has(method) && post.server !== undefined) {
    await withPlace(parts, post, caller, {
      server: post.server,
      session,
      message: received.message,
      bytes: received.bytes,
    });
  }
}

interface Notice {
  readonly server: string;
  readonly session: LegacyClientSession | undefined;
  readonly message: JsonRpcNotification;
  readonly bytes: number;
}

/** What goes to a server takes the place of a call, and ends with its sign-in like one. Throws `rate_limited`. */
async function withPlace(parts: Parts, post: Post, caller: Caller, notice: Notice): Promise<void> {
  const call = parts.calls.begin(caller.session);
  try {
    using _watch = keepConfirmed(parts.identity, caller, call);
    await parts.confirm();
    call.enter(notice.server);
    await withDeadline(call.signal, DELIVERY, (signal) => passOn(parts.current(), post, caller, notice, signal));
  } finally {
    call.end();
  }
}

/** To the one server of the endpoint; at `/mcp` nobody could say which one is meant. */
async function passOn(
  parts: Parts,
  post: Post,
  caller: Caller,
  { server, session, message, bytes }: Notice,
  signal: AbortSignal,
): Promise<void> {
  if (!serverExists(parts, server)) throw new CodedError('server_unknown');
  const client = session === undefined ? modernClient(message.params) : legacyClient(session);
  const lifted = session === undefined ? message : liftRequest(message, session);
  const correlation = correlate(caller, lifted, post.request.headers);
  const { address } = post;
  const origin = {
    caller,
    address,
    claimedClient: claimedClient(lifted.params),
    correlation,
    asked: askedBy(post, bytes),
  };
  await requirePermitted(parts, origin, server, lifted.method);
  const { session: signIn } = caller;
  await withCredential(parts, { server, session: signIn }, (injection) =>
    parts.upstreams.notify(
      scopeOf({ server, session: signIn, client, injection, signal }),
      correlated(lifted, correlation),
    ),
  );
}

/** The decision, on record before the notification leaves. Throws `policy_denied`. */
async function requirePermitted(parts: Parts, origin: Origin, server: string, method: string): Promise<void> {
  const target = { kind: 'method', name: method } as const;
  const named = targetOnRecord(parts, server, target);
  const facts = { server, ...named.facts };
  // That the client's roots have changed says nothing to the server: it may ask for them, or not.
  if (method === ROOTS_CHANGED && mayUse(parts, origin, server)) {
    await parts.audit.write(recordOf(origin, 'method.use', 'event', { ...facts, decision: 'allow' }));
    return;
  }
  const judged = judge(parts.policy, origin, server, target, {});
  const decision = withoutApproval(await judgeSignIn(parts.identity, origin.caller, judged.decision));
  const input = judged.policyInput === undefined ? {} : { policyInput: judged.policyInput };
  const { id } = await parts.audit.write(
    recordOf(origin, 'method.use', 'event', { ...facts, ...decisionFacts(decision) }, { ...named.personal, ...input }),
  );
  if (decision.outcome === 'allow') return;
  if (decision.stepUp) throw stepUpNeeded(decision.stepUp, id);
  throw new CodedError(decision.failed ? 'policy_failed' : 'policy_denied', {
    message: `${decision.reason} Reference: ${id}.`,
  });
}
