import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PATHS } from '#shared/api/paths.js';
import { asCoded, CodedError } from '#shared/errors.js';
import { HEADERS } from '#shared/mcp/headers.js';
import { admit } from './call/admission.js';
import { claimOf } from './call/call-record.js';
import { identify } from './call/identify.js';
import { answer } from './call/index.js';
import { correlate } from '../correlation/correlate.js';
import { keepConfirmed } from './call/keep-confirmed.js';
import { refuse, type Refused } from './call/refuse.js';
import { legacyClient } from './eras/client-side.js';
import { requireSession } from './eras/legacy-client.js';
import type { LegacyClientSession } from './eras/legacy-session.js';
import type { Caller } from '../identity/caller.js';
import type { Parts } from './parts.js';
import { ClientResponse } from './relay/client-response.js';
import { serveStream } from './subscriptions/serve-stream.js';

const ONE_SERVER = `${PATHS.mcp}/:server`;
const ALLOWED = 'POST, DELETE';

type McpRequest = FastifyRequest<{ Params: { server?: string } }>;
type Answering = (request: McpRequest, client: ClientResponse) => Promise<void> | void;

/** The MCP endpoints, as raw routes: the body is read by `receive`, the answer written as it arrives. */
export function addMcpRoutes(fastify: FastifyInstance, parts: Parts): void {
  const post: Answering = (request, client) => {
    const { raw, params, ip } = request;
    return answer(parts, { request: raw, server: params.server, address: ip }, client);
  };
  for (const url of [PATHS.mcp, ONE_SERVER]) {
    fastify.route({ method: 'POST', url, ...hijacked(post) });
    fastify.route({ method: 'DELETE', url, ...hijacked((request, client) => endSession(parts, request, client)) });
    fastify.route({ method: 'GET', url, ...hijacked((request, client) => openStream(parts, request, client)) });
    fastify.route({ method: ['PUT', 'PATCH', 'OPTIONS'], url, ...hijacked(notAllowed) });
  }
}

/** Fastify leaves the request alone from the first hook on, so that its body parsers never see it. */
function hijacked(answering: Answering): {
  exposeHeadRoute: false;
  onRequest: (request: McpRequest, reply: FastifyReply) => Promise<void>;
  handler: () => void;
} {
  return {
    exposeHeadRoute: false,
    onRequest: async (request, reply) => {
      reply.hijack();
      await answering(request, new ClientResponse(reply.raw));
    },
    handler: () => undefined,
  };
}

function notAllowed(_request: McpRequest, client: ClientResponse): void {
  client.sendStatus(405, { allow: ALLOWED });
}

/** A legacy client ends its session: its stream, what it had opened at servers, and the use of its id. */
async function endSession(parts: Parts, { raw, params }: McpRequest, client: ClientResponse): Promise<void> {
  await withSession(parts, raw, params.server, client, ({ session, caller }) => {
    parts.clientSessions.end(session);
    if (session.beganAt > 0) parts.observer.sessionEnded(session.version, Date.now() - session.beganAt);
    parts.upstreams.endClient(caller.session.id, legacyClient(session).key);
    client.sendStatus(200);
  });
}

/** A legacy client listens for what servers say outside of its calls. */
async function openStream(parts: Parts, { raw, params, ip }: McpRequest, client: ClientResponse): Promise<void> {
  await withSession(parts, raw, params.server, client, async ({ session, caller }) => {
    const call = parts.calls.begin(caller.session);
    using _watch = keepConfirmed(parts.identity, caller, call, client);
    client.onGone(() => call.abort(new CodedError('interrupted')));
    const claimed = claimOf(session.clientInfo);
    const correlation = correlate(caller, {}, raw.headers);
    const origin = { caller, address: ip, claimedClient: claimed, correlation };
    await serveStream(parts, origin, session, call, client).finally(() => call.end());
  });
}

type Opened = { readonly session: LegacyClientSession; readonly caller: Caller };

async function withSession(
  parts: Parts,
  raw: IncomingMessage,
  server: string | undefined,
  client: ClientResponse,
  step: (opened: Opened) => Promise<void> | void,
): Promise<void> {
  const { publicUrl } = parts;
  const { headers } = raw;
  const refused: Refused = { publicUrl, server, headers, era: 'legacy', id: undefined, identified: false };
  let isIdentified = false;
  try {
    admit(headers, publicUrl);
    if (headers[HEADERS.session] === undefined) {
      client.sendStatus(405, { allow: ALLOWED });
      return;
    }
    const caller = await identify(parts.identity, raw, publicUrl, server);
    isIdentified = true;
    await step({ session: requireSession(parts, caller, headers, server), caller });
  } catch (error) {
    if (!isIdentified) parts.observer.refused(asCoded(error).code);
    refuse(client, refused, error);
  }
}
