import http from 'node:http';
import https from 'node:https';

/** One request to a stranger. */
export interface Question {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Milliseconds until the answer must have come. */
  readonly patience: number;
  /** Whether what came so far is enough: a stream may never end by itself. */
  readonly enough?: (text: string) => boolean;
  /** Called with each part of a stream. */
  readonly heard?: (text: string) => void;
}

/** What came back, as far as it was read. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Bytes of an answer; a list of tools is far below. */
const LIMIT = 2 * 1024 * 1024;

/** `silent`: the connection is taken and nothing comes; `absent`: nobody there; `foreign`: something else than HTTP. */
export type NoAnswer = 'silent' | 'absent' | 'foreign';

/**
 * Asks once, directly: no proxy, no redirect, no credential. Certificates are not checked, since nothing confidential is
 * sent and a server with a wrong one is found all the same.
 */
export async function ask(question: Question): Promise<Answer | NoAnswer> {
  const { promise, resolve } = Promise.withResolvers<Answer | NoAnswer>();
  let connected = false;
  const secure = question.url.startsWith('https:');
  const outgoing = (secure ? https : http).request(question.url, {
    method: question.method,
    agent: false,
    rejectUnauthorized: false,
    headers: { ...question.headers, connection: 'close', ...lengthOf(question.body) },
  });
  const timer = setTimeout(() => finish(connected ? 'silent' : 'absent'), question.patience);
  const finish = (result: Answer | NoAnswer): void => {
    clearTimeout(timer);
    question.signal.removeEventListener('abort', cancel);
    outgoing.destroy();
    resolve(result);
  };
  const cancel = (): void => finish(connected ? 'silent' : 'absent');
  outgoing.on('socket', (socket) => socket.once('connect', () => (connected = true)));
  outgoing.on('error', (error: NodeJS.ErrnoException) => finish(isAbsent(error) && !connected ? 'absent' : 'foreign'));
  outgoing.once('close', () => finish(connected ? 'foreign' : 'absent'));
  outgoing.on('response', (reply) => {
    const decoder = new TextDecoder();
    let text = '';
    let size = 0;
    const answer = (): Answer => ({ status: reply.statusCode ?? 0, headers: reply.headers, text });
    clearTimeout(timer);
    question.signal.removeEventListener('abort', cancel);
    // What has begun may end early, and then what came is the answer.
    const rest = setTimeout(() => finish(answer()), question.patience);
    const done = (): void => {
      clearTimeout(rest);
      question.signal.removeEventListener('abort', done);
      finish(answer());
    };
    question.signal.addEventListener('abort', done, { once: true });
    reply.on('data', (chunk: Buffer) => {
      size += chunk.length;
      const part = decoder.decode(chunk, { stream: true });
      text += part;
      question.heard?.(part);
      if (size > LIMIT || question.enough?.(text)) done();
    });
    reply.once('end', done);
    reply.once('error', done);
    reply.once('close', done);
  });
  if (question.signal.aborted) cancel();
  else question.signal.addEventListener('abort', cancel, { once: true });
  outgoing.end(question.body);
  return promise;
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

const ABSENT =
  /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EADDRNOTAVAIL|EACCES|EPERM|EINVAL)$/;

function isAbsent({ code = '' }: NodeJS.ErrnoException): boolean {
  return ABSENT.test(code);
}
