import { liftRequest } from '#shared/mcp/eras.js';
import { HEADERS, JSON_TYPE, modernHeaders, STREAM_TYPE } from '#shared/mcp/headers.js';
import { isObject, textOf, type JsonObject } from '#shared/mcp/json-rpc.js';
import { LEGACY_VERSIONS, META, MODERN_VERSION } from '#shared/mcp/meta.js';
import { version } from '../../system/executable.js';
import { ask, type Answer, type NoAnswer } from './ask.js';
import { listTools, loginAt, silentAt, type Finding } from './conversation.js';
import { messagesIn, readReply, type Reply } from './reply.js';

/** How long strangers are waited for. */
export interface Patience {
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Milliseconds for one answer. */
  readonly answer: number;
}

/** Who asks: administrators of what is found must be able to see it in their logs. */
const CLIENT_INFO = { name: 'mcp-sso-inventory', version: version() };

/** Asks as a client of 2026-07-28 does: `server/discover`, then the tools. Without a handshake, nothing is left behind. */
export async function askModern(url: string, patience: Patience): Promise<Finding> {
  let id = 0;
  const askMethod = async (method: string, params: JsonObject): Promise<Reply | NoAnswer> => {
    const own = (id += 1);
    const request = liftRequest({ method, params }, { clientInfo: CLIENT_INFO, capabilities: {} });
    return replyTo(own, await post(url, modernHeaders(request), { jsonrpc: '2.0', id: own, ...request }, patience));
  };
  const reply = await askMethod('server/discover', {});
  if (typeof reply === 'string') return reply === 'silent' ? silentAt(url) : reply;
  if (reply.kind === 'login') return loginAt(url, reply);
  const result = reply.kind === 'result' ? reply.result : {};
  const versions: unknown = result['supportedVersions'];
  if (!Array.isArray(versions) || !versions.includes(MODERN_VERSION)) return 'other';
  const meta = result['_meta'];
  const serverInfo = isObject(meta) ? meta[META.serverInfo] : undefined;
  return listTools(askMethod, { url, revision: MODERN_VERSION, transport: 'http', serverInfo });
}

/** Asks as a client of 2025-11-25 does: `initialize`, the tools, and an end of the session that this began. */
export async function askLegacy(url: string, patience: Patience): Promise<Finding> {
  let id = 0;
  let session: Record<string, string> = {};
  const askMethod = async (method: string, params: JsonObject): Promise<Reply | NoAnswer> => {
    const own = (id += 1);
    const answer = await post(
      url,
      { ...LEGACY_HEADERS, ...session },
      { jsonrpc: '2.0', id: own, method, params },
      patience,
    );
    const given = typeof answer === 'string' ? undefined : answer.headers[HEADERS.session];
    if (typeof given === 'string') session = { ...session, [HEADERS.session]: given };
    return replyTo(own, answer);
  };
  const reply = await askMethod('initialize', initializeParams(LEGACY_VERSIONS[0]));
  if (typeof reply === 'string') return reply === 'silent' ? silentAt(url) : reply;
  if (reply.kind === 'login') return loginAt(url, reply);
  const result = reply.kind === 'result' ? reply.result : {};
  const revision = textOf(result['protocolVersion']);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(revision)) return 'other';
  session = { ...session, [HEADERS.protocolVersion]: revision };
  await post(url, { ...LEGACY_HEADERS, ...session }, INITIALIZED, patience);
  const found = await listTools(askMethod, { url, revision, transport: 'http', serverInfo: result['serverInfo'] });
  if (session[HEADERS.session] !== undefined)
    await ask({ url, method: 'DELETE', headers: session, ...timesOf(patience) });
  return found;
}

export const INITIALIZED = { jsonrpc: '2.0', method: 'notifications/initialized' };

export function initializeParams(protocolVersion: string): JsonObject {
  return { protocolVersion, capabilities: {}, clientInfo: CLIENT_INFO };
}

const LEGACY_HEADERS = { 'content-type': JSON_TYPE, accept: `${JSON_TYPE}, ${STREAM_TYPE}` };

export function timesOf({ signal, answer }: Patience): { signal: AbortSignal; patience: number } {
  return { signal, patience: answer };
}

function post(
  url: string,
  headers: Record<string, string>,
  message: object,
  patience: Patience,
): Promise<Answer | NoAnswer> {
  const { id } = message as { readonly id?: number };
  const isAnswer = (text: string): boolean => id !== undefined && messagesIn(text).some((one) => one['id'] === id);
  const times = timesOf(patience);
  return ask({ url, method: 'POST', headers, body: JSON.stringify(message), enough: isAnswer, ...times });
}

function replyTo(id: number, answer: Answer | NoAnswer): Reply | NoAnswer {
  return typeof answer === 'string' ? answer : readReply(answer, id);
}
