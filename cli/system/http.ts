import http from 'node:http';
import https from 'node:https';
import { CodedError, errorText } from '#shared/errors.js';

type Environment = Readonly<Record<string, string | undefined>>;

const CONNECT_TIMEOUT = 10_000;
const TOTAL_TIMEOUT = 30_000;
const BODY_LIMIT = 1024 * 1024;

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent: http.Agent;
  /** Milliseconds for the whole exchange; 30 s unless told. */
  readonly timeout?: number;
  /** Largest answer in bytes; 1 MiB unless told. */
  readonly limit?: number;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** A keep-alive agent for one origin that follows HTTP(S)_PROXY and NO_PROXY, and never sends loopback to a proxy. */
export function agentFor(origin: string, env: Environment, idle: { timeout?: number } = {}): http.Agent {
  const exempt = [env['no_proxy'] ?? env['NO_PROXY'], 'localhost', '127.0.0.1', '::1'].filter(Boolean).join(',');
  const options = { ...idle, keepAlive: true, proxyEnv: { ...env, no_proxy: exempt, NO_PROXY: exempt } };
  return origin.startsWith('https:') ? new https.Agent(options) : new http.Agent(options);
}

/** One small exchange, read whole. Redirects are not followed. Throws CodedError network. */
export function exchange(request: HttpRequest): Promise<HttpReply> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpReply>();
  const { protocol, host } = new URL(request.url);
  const fail = (error: unknown): void => reject(networkError(error, host));
  const signal = AbortSignal.timeout(request.timeout ?? TOTAL_TIMEOUT);
  const body = request.body === undefined ? undefined : Buffer.from(request.body);
  const outgoing = (protocol === 'https:' ? https : http).request(
    request.url,
    {
      method: request.method,
      agent: request.agent,
      signal,
      headers: { ...request.headers, ...(body ? { 'content-length': String(body.length) } : {}) },
    },
    (reply) => {
      readAll(reply, request.limit ?? BODY_LIMIT).then(
        (text) => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: text }),
        fail,
      );
    },
  );
  giveUpConnecting(outgoing, protocol === 'https:' ? 'secureConnect' : 'connect');
  outgoing.on('error', fail);
  outgoing.end(body);
  return promise;
}

function giveUpConnecting(outgoing: http.ClientRequest, connected: string): void {
  outgoing.on('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      outgoing.destroy(Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' }));
    }, CONNECT_TIMEOUT);
    const done = (): void => clearTimeout(timer);
    socket.once(connected, done);
    socket.once('close', done);
  });
}

async function readAll(reply: http.IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw Object.assign(new Error('the answer is too large'), { code: 'ERR_TOO_LARGE' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What went wrong between here and the control plane, in words that name the next step. */
export function networkError(error: unknown, host: string): CodedError {
  if (error instanceof CodedError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? (error as Error).name;
  return new CodedError('network', { message: reason(code, host), detail: errorText(error), cause: error });
}

/** OpenSSL's words for a certificate that is not good yet, or no longer. */
const WRONG_TIME = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const TLS_CODE = /CERT|SSL|TLS|SIGNATURE|ISSUER/;

function reason(code: string, host: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `The name ${host} was not found. Check the address, the network and the VPN.`;
  }
  if (code === 'ECONNREFUSED') return `Nothing answers at ${host}. Check the address, or ask your administrator.`;
  if (code === 'ERR_TOO_LARGE') return `What answers at ${host} is no control plane. Check the address.`;
  if (WRONG_TIME.has(code)) {
    return `The certificate of ${host} is out of date by this computer’s clock (${code}). Check the clock first; if it is right, ask your administrator to renew the certificate.`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `What answers at ${host} shows a certificate for another name. A network with a sign-in page of its own does that: open any web page and sign in there. Otherwise check the address.`;
  }
  if (TLS_CODE.test(code)) {
    return `The certificate of ${host} is not trusted by this computer (${code}). Ask your administrator for the company’s root certificate.`;
  }
  if (['ETIMEDOUT', 'TimeoutError', 'ABORT_ERR', 'AbortError'].includes(code)) {
    return `${host} did not answer in time. Check the network, the proxy and the VPN.`;
  }
  return `The connection to ${host} failed (${code}). Check the network, the proxy and the VPN.`;
}
