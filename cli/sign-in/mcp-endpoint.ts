import { PATHS } from '#shared/api/paths.js';
import { CodedError, ERRORS, type ErrorCode } from '#shared/errors.js';
import { liftRequest } from '#shared/mcp/eras.js';
import { modernHeaders } from '#shared/mcp/headers.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { version } from '../system/executable.js';
import { exchange, type HttpReply } from '../system/http.js';
import type { ControlPlaneSession } from './open-session.js';

/** Bytes; a page of a list. */
const ANSWER_LIMIT = 16 * 1024 * 1024;

/**
 * One small question to `/mcp`, or to `/mcp/{server}`, answered whole: descriptions and lists. Resolves to the result;
 * throws CodedError: `sign_in_needed`, `network`, and what the control plane says.
 */
export async function askMcp(
  session: Pick<ControlPlaneSession, 'origin' | 'tokens' | 'endpoint'>,
  method: string,
  params: JsonObject = {},
  server?: string,
): Promise<JsonObject> {
  const client = { clientInfo: { name: 'mcp-sso', version: version() }, capabilities: {} };
  const message = liftRequest({ jsonrpc: '2.0' as const, id: 1, method, params }, client);
  const path = server === undefined ? PATHS.mcp : `${PATHS.mcp}/${encodeURIComponent(server)}`;
  const url = session.origin + path;
  const send = async (): Promise<HttpReply> => {
    const authorization = await session.tokens.authorize('POST', url);
    const headers = { ...modernHeaders(message), ...authorization };
    const { agent } = session.endpoint;
    const request = { method: 'POST', url, agent, headers, body: JSON.stringify(message), limit: ANSWER_LIMIT };
    const reply = await exchange(request);
    if (reply.status === 401) session.tokens.refused(authorization, reply.headers.date);
    return reply;
  };
  const reply = await send();
  return resultOf(reply.status === 401 ? await send() : reply);
}

function resultOf({ status, body }: HttpReply): JsonObject {
  const answer = parsed(body);
  if (isObject(answer?.['result'])) return answer['result'];
  const error = isObject(answer?.['error']) ? answer['error'] : {};
  const data = isObject(error['data']) ? error['data'] : {};
  const message = error['message'];
  throw new CodedError(codeOf(data['code'], status), typeof message === 'string' ? { message } : {});
}

function codeOf(code: unknown, status: number): ErrorCode {
  if (typeof code === 'string' && Object.hasOwn(ERRORS, code)) return code as ErrorCode;
  return status === 401 ? 'sign_in_needed' : 'internal';
}

function parsed(body: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
