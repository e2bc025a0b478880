import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PATHS } from '#shared/api/paths.js';
import { HEADERS } from '#shared/mcp/headers.js';
import { admit } from './call/admission.js';
import { identify } from './call/identify.js';
import { answer } from './call/index.js';
import { refuse, type Refused } from './call/refuse.js';
import { openSession } from './eras/legacy-session.js';
import type { Parts } from './parts.js';
import { ClientResponse } from './relay/client-response.js';

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
    fastify.route({ method: ['GET', 'PUT', 'PATCH', 'OPTIONS'], url, ...hijacked(notAllowed) });
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

/** A legacy client ends its session. The session lives in its id alone, so there is nothing to forget. */
async function endSession(parts: Parts, { raw, params }: McpRequest, client: ClientResponse): Promise<void> {
  const { publicUrl } = parts;
  const { headers } = raw;
  const token = headers[HEADERS.session];
  if (typeof token !== 'string') {
    client.sendStatus(405, { allow: ALLOWED });
    return;
  }
  const refused: Refused = {
    publicUrl,
    server: params.server,
    headers,
    era: 'legacy',
    id: undefined,
    identified: false,
  };
  try {
    admit(headers, publicUrl);
    const caller = await identify(parts.identity, raw, publicUrl, params.server);
    const session = openSession(parts.storage, caller, token, params.server, Date.now());
    client.sendStatus(session ? 200 : 404);
  } catch (error) {
    refuse(client, refused, error);
  }
}
