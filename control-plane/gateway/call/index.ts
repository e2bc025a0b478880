import { asCoded, CodedError } from '#shared/errors.js';
import type { Caller } from '../../identity/caller.js';
import { preciseNow, type Beginning } from '../../observability/requests/request-observation.js';
import type { UsedApproval } from '../../policy/approvals/approval.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { serveListen } from '../subscriptions/serve-listen.js';
import { subscribe } from '../subscriptions/subscribe.js';
import { answerLocally } from './answer-locally.js';
import { argumentHeaders } from './argument-headers.js';
import type { Waited } from './awaited.js';
import { answerBatch, requireBatches } from './batch.js';
import { resolveCredential } from './credential.js';
import { decideCall, deny } from './deny.js';
import { announce } from './decide.js';
import { exchange } from './exchange.js';
import { finish, type CallUnderWay } from './finish.js';
import { hold, isHeld } from './hold.js';
import { identify, requireToken } from './identify.js';
import { writeIntent } from './intent.js';
import { judgeApproval } from './judge-approval.js';
import { judgeConnection } from './judge-connection.js';
import { keepConfirmed } from './keep-confirmed.js';
import { takeNotice } from './notice.js';
import { answerFailure, decidedFacts } from './observed.js';
import { open } from './open.js';
import { withOwnName } from './own-name.js';
import type { Identified, Post } from './post.js';
import { receive, type ReceivedRequest } from './receive.js';
import { refuse, type Refused } from './refuse.js';
import { route, toolOf } from './route.js';
import { judgeSignIn } from './step-up.js';

/**
 * One call, in order (design §3): receive, identify, route, decide, intent, credential, forward, redact, outcome.
 * Each step is a file beside this one, and this is the only place that puts them together. From the decision on, all see
 * one revision of the catalog.
 */
export async function answer(parts: Parts, post: Post, client: ClientResponse): Promise<void> {
  const { publicUrl, identity, bodies } = parts;
  const startedAt = preciseNow();
  let refused: Refused = { publicUrl, server: post.server, headers: post.request.headers, ...NOTHING_KNOWN };
  try {
    await parts.audit.requireTrueTime();
    const enter = (): Disposable => bodies.enter(requireToken(identity, post.request, publicUrl, post.server));
    const received = await receive(post.request, publicUrl, parts.limits, enter); //                                1 receive
    refused = { ...refused, era: received.era, id: received.kind === 'request' ? received.message.id : undefined };

    const receivedAt = preciseNow();
    const caller = await identify(identity, post.request, publicUrl, post.server); //                 2 identify
    const identified = { name: 'identify', startedAt: receivedAt, endedAt: preciseNow() } as const;
    refused = { ...refused, identified: true };

    const asked: Asked = { post, caller, beginning: { startedAt, steps: [identified] } };
    const answerRequest = (message: ReceivedRequest, to: ClientResponse): Promise<void> =>
      answerOne(parts, asked, message, to, refused);
    if (received.kind === 'request') return await answerRequest(received, client);
    if (received.kind === 'batch') {
      requireBatches(parts, post, caller);
      await answerBatch(received, client, answerRequest, (notice) => takeNotice(parts, post, caller, notice));
    } else {
      await takeNotice(parts, post, caller, received);
      client.sendStatus(202);
    }
  } catch (error) {
    if (!refused.identified) parts.observer.refused(asCoded(error).code);
    refuse(client, refused, error);
  }
}

/** A POST whose sender is known, and when it came. */
interface Asked {
  readonly post: Post;
  readonly caller: Caller;
  readonly beginning: Beginning;
}

/** One request, alone or in a batch; never throws. */
async function answerOne(
  parts: Parts,
  { post, caller, beginning }: Asked,
  received: ReceivedRequest,
  client: ClientResponse,
  identified: Refused,
): Promise<void> {
  const refused = { ...identified, id: received.message.id };
  const observation = parts.observer.begin(received.message.method, beginning);
  try {
    const request = open(parts, post, caller, received, observation);
    using _watch = keepConfirmed(parts.identity, caller, request.call, client);
    client.onGone(() => request.call.abort(new CodedError('interrupted')));
    await handle(parts, post, request, client, refused).finally(() => request.call.end());
  } catch (error) {
    refuse(client, refused, error);
  } finally {
    parts.observer.end(observation, answerFailure(client.answer));
  }
}

/** What came before in a request that begins anew: while it waited, servers, policies and sign-in may have changed. */
interface Before {
  readonly waited: Waited;
  /** The scopes for want of which the server has refused it. */
  readonly wanted?: readonly string[];
}

async function handle(
  all: Parts,
  post: Post,
  request: Identified,
  client: ClientResponse,
  refused: Refused,
  { waited, wanted }: Before = { waited: new Map() },
): Promise<void> {
  const { confirm, current } = all;
  await confirm();
  const { origin, message, era, id, endpoint, call, observation } = request;

  const routed = await withOwnName(current(), request, route(message, era, endpoint)); //             3 route
  // Looking a name up may take time: the revision that decides is the one that everything after it sees.
  await confirm();
  const parts = current();
  if (routed.kind === 'listen') return serveListen(parts, request, client);
  if (routed.kind !== 'call') return answerLocally(parts, request, routed, client);

  const { decided, ...judged } = await observation.step('policy decision', async () => {
    const asked = decideCall(parts, origin, routed); //                                               4 decide: by policy,
    const signedIn = await judgeSignIn(parts.identity, origin.caller, asked.decision); //                       the sign-in,
    const before = { waitedFor: waited.get('connection')?.id, wanted };
    const connected = await judgeConnection(parts, request, routed, signedIn, before); //                       the person's connection,
    const approved = await judgeApproval(parts, request, connected); //                                         an approval
    return { ...approved, policyInput: asked.policyInput, micros: asked.micros, decided: asked };
  });
  observation.decided(decidedFacts(parts, judged.to, judged.decision, observation.traced));
  if (isHeld(judged)) {
    const anew = await hold(parts, request, judged, client, waited);
    return anew && handle(all, post, request, client, refused, { waited: anew });
  }
  const { decision, to, approval } = judged;
  const intent = await observation.step(
    'audit intent',
    () => writeIntent(parts, origin, to, judged, usedBy(approval)), //                                      5 intent
  );
  observation.decided({ record: intent.id });
  announce(parts.policy, { decided, decision }, intent.id);
  if (decision.outcome === 'deny') {
    return deny(parts, request, to, { decision, reference: intent.id }, client, refused);
  }

  const underWay: CallUnderWay = { request, to, intent };
  const view = { id, era, method: message.method, aggregated: endpoint === undefined ? to.server : undefined };
  const consent = await finish(parts, underWay, client, refused, async () => {
    call.enter(to.server);
    const opens = { server: to.server, session: origin.caller.session, tool: toolOf(to.target) };
    const injection = await observation.step(
      'credential',
      () => resolveCredential(parts.credentials, opens), //                                                 6 credential
    );
    underWay.injection = injection;
    if (to.subscription) return subscribe(parts, request, to, to.subscription);
    const paramHeaders = argumentHeaders(parts, request, to, post.request.headers);
    const leaving = { underWay, injection, view, revision: decision.revision, paramHeaders, approval };
    return observation.step('upstream', () => exchange(parts, leaving, client)); //                   7 forward, 8 redact
  }); //                                                                                              9 outcome
  if (consent) await handle(all, post, request, client, refused, { waited, wanted: consent.scopes });
}

function usedBy(approval: UsedApproval | undefined): { readonly approval?: string } {
  return approval === undefined ? {} : { approval: approval.id };
}

const NOTHING_KNOWN = { era: undefined, id: undefined, identified: false } as const;
