import type { ServerResponse } from 'node:http';
import { readBody } from '../../../control-plane/gateway/call/body.js';
import { resolveCredential } from '../../../control-plane/gateway/call/credential.js';
import { decideCall } from '../../../control-plane/gateway/call/deny.js';
import { exchange } from '../../../control-plane/gateway/call/exchange.js';
import type { CallUnderWay } from '../../../control-plane/gateway/call/finish.js';
import { identify, requireToken } from '../../../control-plane/gateway/call/identify.js';
import { writeIntent } from '../../../control-plane/gateway/call/intent.js';
import { keepConfirmed } from '../../../control-plane/gateway/call/keep-confirmed.js';
import { open } from '../../../control-plane/gateway/call/open.js';
import type { Identified, Post } from '../../../control-plane/gateway/call/post.js';
import { receive } from '../../../control-plane/gateway/call/receive.js';
import { route, type CallRoute } from '../../../control-plane/gateway/call/route.js';
import type { Parts } from '../../../control-plane/gateway/parts.js';
import { preciseNow } from '../../../control-plane/observability/requests/request-observation.js';
import { ClientResponse } from '../../../control-plane/gateway/relay/client-response.js';
import { STAGES, type Stage } from './stage-names.js';

/** Sends a body to the server untouched, and the answer back. */
export type PassOn = (body: Buffer | string) => Promise<void>;

/**
 * The product's own steps of a call (`gateway/call/index.ts`) up to one of them; from there on the bytes are passed on
 * as the bare proxy passes them. Only for calls that the policy permits.
 */
export async function answerUpTo(
  stage: Stage,
  parts: Parts,
  post: Post,
  response: ServerResponse,
  pass: PassOn,
): Promise<void> {
  const { publicUrl, identity, limits } = parts;
  const upTo = (step: Stage): boolean => STAGES.indexOf(stage) <= STAGES.indexOf(step);
  if (upTo('accept')) return pass(await readBody(post.request, limits));

  const enter = (): Disposable => parts.bodies.enter(requireToken(identity, post.request, publicUrl, post.server));
  const received = await receive(post.request, publicUrl, limits, upTo('receive') ? nobody : enter);
  if (received.kind !== 'request') throw new Error('The bench sends requests only.');
  if (upTo('receive')) return pass(JSON.stringify(received.message));

  const caller = await identify(identity, post.request, publicUrl, post.server);
  const observation = parts.observer.begin(received.message.method, { startedAt: preciseNow(), steps: [] });
  const request = open(parts, post, caller, received, observation);
  using _watch = keepConfirmed(identity, caller, request.call);
  try {
    if (upTo('identify')) return await pass(JSON.stringify(request.message));
    await answerIdentified(stage, parts, request, response, pass);
  } finally {
    request.call.end();
  }
}

async function answerIdentified(
  stage: Stage,
  parts: Parts,
  request: Identified,
  response: ServerResponse,
  pass: PassOn,
): Promise<void> {
  const { origin, message, era, id, endpoint, call } = request;
  const upTo = (step: Stage): boolean => STAGES.indexOf(stage) <= STAGES.indexOf(step);
  await parts.confirm();
  const to = route(message, era, endpoint) as CallRoute;
  await parts.confirm();
  const judged = decideCall(parts, origin, to);
  const { decision } = judged;
  if (decision.outcome === 'deny') throw new Error(decision.reason);
  if (upTo('decide')) return pass(JSON.stringify(to.message));

  const intent = await writeIntent(parts, origin, to, judged);
  if (upTo('intent')) return pass(JSON.stringify(to.message));

  call.enter(to.server);
  const injection = await resolveCredential(parts.credentials, { server: to.server, session: origin.caller.session });
  if (upTo('credential')) return pass(JSON.stringify(to.message));

  const underWay: CallUnderWay = { request, to, intent, injection };
  const view = { id, era, method: message.method, aggregated: undefined };
  const client = new ClientResponse(response);
  const leaving = { underWay, injection, view, revision: decision.revision, approval: undefined, paramHeaders: {} };
  const relayed = await exchange(parts, leaving, client);
  client.endMessage(relayed.rest);
  client.end();
}

function nobody(): Disposable {
  return { [Symbol.dispose]: () => undefined };
}
