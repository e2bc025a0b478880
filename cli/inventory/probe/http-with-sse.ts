import { JSON_TYPE, STREAM_TYPE } from '#shared/mcp/headers.js';
import { textOf, type JsonObject } from '#shared/mcp/json-rpc.js';
import { ask, type NoAnswer } from './ask.js';
import { listTools, loginAt, type Finding } from './conversation.js';
import { eventsIn, messagesIn, readReply, type Reply } from './reply.js';
import { INITIALIZED, initializeParams, timesOf, type Patience } from './streamable-http.js';

const REVISION = '2024-11-05';

/**
 * Asks as a client of 2024-11-05 does: a stream is opened, its first event says where to send, and answers come by the
 * stream. The stream is closed at the end, which is all that such a session needs.
 */
export async function askOverSse(url: string, { signal, answer }: Patience): Promise<Finding> {
  const closing = new AbortController();
  const patience = { signal: AbortSignal.any([signal, closing.signal]), answer };
  let heard = '';
  let wake = Promise.withResolvers<void>();
  const opened = ask({
    url,
    method: 'GET',
    headers: { accept: STREAM_TYPE },
    signal: patience.signal,
    patience: answer * 4,
    heard: (part) => {
      heard += part;
      wake.resolve();
      wake = Promise.withResolvers<void>();
    },
  });
  /** What a part of the stream says, once it is there; undefined where it does not come in time. */
  const waitFor = async <T>(read: () => T | undefined): Promise<T | undefined> => {
    const late = AbortSignal.any([AbortSignal.timeout(answer), patience.signal]);
    const given = Promise.withResolvers<void>();
    late.addEventListener('abort', () => given.resolve(), { once: true });
    for (let found = read(); ; found = read()) {
      if (found !== undefined || late.aborted) return found;
      await Promise.race([wake.promise, opened, given.promise]);
      if (late.aborted || ended) return read();
    }
  };
  let ended = false;
  void opened.then(() => (ended = true));
  try {
    const endpoint = await waitFor(() => eventsIn(heard).find(({ event }) => event === 'endpoint')?.data);
    if (endpoint === undefined) return ended ? readRefusal(url, await opened) : 'other';
    const target = sameOrigin(endpoint, url);
    if (target === undefined) return 'other';
    return await converse(
      url,
      askMethodAt(target, patience, (id) => waitFor(() => messageOf(heard, id))),
    );
  } finally {
    closing.abort();
    await opened;
  }
}

async function converse(
  url: string,
  askMethod: (method: string, params: JsonObject, notify?: boolean) => Promise<Reply | NoAnswer>,
): Promise<Finding> {
  const reply = await askMethod('initialize', initializeParams(REVISION));
  if (typeof reply === 'string') return reply;
  if (reply.kind === 'login') return loginAt(url, reply);
  const revision = reply.kind === 'result' ? textOf(reply.result['protocolVersion']) : '';
  if (reply.kind !== 'result' || !/^\d{4}-\d{2}-\d{2}$/.test(revision)) return 'other';
  await askMethod(INITIALIZED.method, {}, true);
  return listTools(askMethod, { url, revision, transport: 'sse', serverInfo: reply.result['serverInfo'] });
}

function askMethodAt(url: string, patience: Patience, answerTo: (id: number) => Promise<JsonObject | undefined>) {
  let id = 0;
  return async (method: string, params: JsonObject, notify = false): Promise<Reply | NoAnswer> => {
    const own = (id += 1);
    const body = JSON.stringify(notify ? INITIALIZED : { jsonrpc: '2.0', id: own, method, params });
    const sent = await ask({ url, method: 'POST', headers: { 'content-type': JSON_TYPE }, body, ...timesOf(patience) });
    if (typeof sent === 'string' || notify) return typeof sent === 'string' ? sent : { kind: 'other' };
    if (sent.status >= 300) return readReply(sent, own);
    const message = await answerTo(own);
    return message ? readReply({ status: 200, headers: {}, text: JSON.stringify(message) }, own) : { kind: 'other' };
  };
}

function messageOf(stream: string, id: number): JsonObject | undefined {
  return eventsIn(stream)
    .flatMap(({ data }) => messagesIn(data))
    .find((message) => message['id'] === id);
}

function readRefusal(url: string, answer: Awaited<ReturnType<typeof ask>>): Finding {
  if (typeof answer === 'string') return answer === 'silent' ? 'other' : answer;
  const reply = readReply(answer, 0);
  return reply.kind === 'login' ? loginAt(url, reply) : 'other';
}

/** A server may send us to itself only: the next request must not be somebody else's choice. */
function sameOrigin(endpoint: string, url: string): string | undefined {
  if (!URL.canParse(endpoint, url)) return undefined;
  const target = new URL(endpoint, url);
  return target.origin === new URL(url).origin ? target.href : undefined;
}
